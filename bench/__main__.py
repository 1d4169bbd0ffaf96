"""Run every measurement in this folder, each in a process of its own: ``python -m bench [NAME...]``."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
HELPERS = {"local_model", "ten_plants"}  # serve what others measure; measure nothing themselves


def measurements() -> list[str]:
    """Return the names of the measurements: the modules here that are no helpers."""
    names = {path.stem for path in FOLDER.glob("*.py") if not path.name.startswith("_")}
    return sorted(names - HELPERS)


def main(wanted: list[str]) -> int:
    """Run the wanted measurements (all, when none is named) and return how many failed."""
    known = measurements()
    if unknown := sorted(set(wanted) - set(known)):
        print(
            f"bench: no measurement named {', '.join(unknown)}; there are {', '.join(known) or 'none'}", file=sys.stderr
        )
        return 1
    failed = [name for name in wanted or known if not _run(name)]
    if failed:
        print(f"bench: failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


def _run(name: str) -> bool:
    print(f"\n== {name}", flush=True)
    return (
        subprocess.run([sys.executable, "-m", f"{FOLDER.name}.{name}"], cwd=FOLDER.parent, check=False).returncode == 0
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
