"""Import every module and read every data file of the installed wheel, from outside the checkout."""

import importlib
import importlib.metadata
import sys
from pathlib import Path

# Packages of optional extras that a module may be made of; the wheel is tried without them.
EXTRAS = ("mcp", "optuna", "stable_baselines3")


def main() -> None:
    """Fail when a module does not import, comes from elsewhere, or a folder arrived without its files."""
    files = importlib.metadata.files("faultfinder") or []
    code = [file for file in files if file.suffix == ".py"]
    data = [file for file in files if file.parts[0] == "faultfinder" and file.suffix not in (".py", ".pyc", ".typed")]
    for file in code:
        _import(file.as_posix().removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    for file in data:
        if not file.read_binary():
            sys.exit(f"the wheel holds an empty data file: {file}")
    foreign = sorted(
        {file.parts[0] for file in files if file.parts[0] not in ("..", "faultfinder")} - {_metadata_folder()}
    )
    if foreign:
        sys.exit(f"the wheel installs generic names at top level: {foreign}")
    print(f"wheel: {len(code)} modules imported, {len(data)} data files read")


def _metadata_folder() -> str:
    return f"faultfinder-{importlib.metadata.version('faultfinder')}.dist-info"


def _import(name: str) -> None:
    if name.endswith("__main__"):
        return
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        print(f"wheel: {name} needs the extra {error.name}, which is not installed here")
        return
    if Path(sys.prefix) not in Path(str(module.__file__)).parents:
        sys.exit(f"{name} was imported from {module.__file__}, not from the installed wheel")


if __name__ == "__main__":
    main()
