"""What is declared, what is there, and what is installed must be the same."""

import ast
import fnmatch
import importlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("agent", "tools", "prompts", "memory", "lab")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
EXTRAS = PROJECT["project"]["optional-dependencies"]

# The name to import, where it is not the name to install with dashes for underscores.
IMPORT_NAMES = {
    "langgraph_checkpoint_sqlite": "langgraph.checkpoint.sqlite",
    "open_clip_torch": "open_clip",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "faiss_cpu": "faiss",
    "opentelemetry_exporter_otlp_proto_http": "opentelemetry.exporter.otlp.proto.http",
    "opentelemetry_sdk": "opentelemetry.sdk",
}
# What is run, not imported, and the file that it reads.
COMMANDS = {"langgraph_cli": "langgraph.json"}
HEAVY = ("torch", "open_clip", "chromadb", "sentence_transformers", "matplotlib", "langgraph", "openai", "scipy")


def _name(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9_.-]+", requirement).group().lower().replace("-", "_")


RUNTIME = [_name(requirement) for requirement in PROJECT["project"]["dependencies"]]
OPTIONAL = [name for extra in EXTRAS.values() for line in extra if (name := _name(line)) != "faultfinder"]


def _packages_on_disk() -> set[str]:
    inits = (init for folder in FOLDERS for init in (ROOT / folder).rglob("__init__.py"))
    return {"faultfinder." + init.parent.relative_to(ROOT).as_posix().replace("/", ".") for init in inits}


def _modules() -> list[str]:
    files = (path.relative_to(ROOT) for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    return [
        "faultfinder." + file.as_posix().removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in files
    ]


def _imported() -> set[str]:
    trees = (
        ast.parse(path.read_text("utf-8")) for folder in (*FOLDERS, "bench") for path in (ROOT / folder).rglob("*.py")
    )
    nodes = [node for tree in trees for node in ast.walk(tree)]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


def test_every_package_is_declared_with_its_folder():
    assert set(SETUPTOOLS["packages"]) == _packages_on_disk()
    assert SETUPTOOLS["package-dir"] == {
        name: name.removeprefix("faultfinder.").replace(".", "/") for name in SETUPTOOLS["packages"]
    }


def test_every_folder_with_code_is_a_package():
    holding = {path.parent for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    assert [str(folder) for folder in holding if not (folder / "__init__.py").exists()] == []


def _is_shipped(path: Path) -> bool:
    package = next(parent for parent in path.parents if (parent / "__init__.py").exists())
    patterns = SETUPTOOLS["package-data"].get(
        "faultfinder." + package.relative_to(ROOT).as_posix().replace("/", "."), []
    )
    return any(fnmatch.fnmatch(path.relative_to(package).as_posix(), pattern) for pattern in patterns)


def test_every_data_file_is_shipped():
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())
    data = (path for path in found if path.suffix not in (".py", ".pyc") and path.name != "README.md")
    assert [str(path.relative_to(ROOT)) for path in data if not _is_shipped(path)] == []


def test_every_pattern_of_data_files_finds_something():
    folders = SETUPTOOLS["package-dir"]
    patterns = [(name, pattern) for name, listed in SETUPTOOLS["package-data"].items() for pattern in listed]
    assert [pair for pair in patterns if not any((ROOT / folders[pair[0]]).glob(pair[1]))] == []


@pytest.mark.parametrize("module", [name for name in _modules() if not name.endswith("__main__")])
def test_every_module_imports(module):
    assert importlib.import_module(module).__doc__


def test_the_installed_version_is_the_declared_one():
    assert importlib.metadata.version("faultfinder") == PROJECT["project"]["version"]
    assert f"## [{PROJECT['project']['version']}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize(
    "dependency", [*RUNTIME, *(_name(line) for name in EXTRAS if name != "dev" for line in EXTRAS[name])]
)
def test_every_dependency_is_used(dependency):
    if dependency in COMMANDS:
        assert (ROOT / COMMANDS[dependency]).is_file()
        return
    wanted = IMPORT_NAMES.get(dependency, dependency)
    assert any(name == wanted or name.startswith(f"{wanted}.") for name in _imported())


@pytest.mark.parametrize("dependency", sorted({*RUNTIME, *OPTIONAL}))
def test_every_dependency_is_justified_and_pinned(dependency):
    justified = {
        _name(line.split("`")[1])
        for line in (ROOT / "docs/dependencies.md").read_text("utf-8").splitlines()
        if line.startswith("| `")
    }
    pinned = {
        _name(line) for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")
    }
    assert dependency in justified
    assert dependency in pinned


def test_every_constraint_is_an_exact_version_and_nothing_more():
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_the_command_line_imports_nothing_heavy():
    script = "import sys, faultfinder.agent.cli; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert sorted(set(loaded) & set(HEAVY)) == []
