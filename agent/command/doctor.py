"""What works on this machine, and what to do about the rest. Changes nothing; asks the network only when told to."""

import importlib
import os
import platform
import re
import shutil
import sqlite3
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from itertools import chain
from pathlib import Path

import platformdirs

from faultfinder.agent.terminal.streams import plain

LOWEST_PYTHON = (3, 11)
FREE_BYTES = 2 * 1024**3
URL_SECONDS = 5.0
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Health(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """One thing looked at, and what to do about it."""

    name: str
    health: Health
    text: str
    todo: str = ""


def examine(out: Path, memory: Path | None, llm_url: str | None) -> list[Check]:
    """Look at everything an audit needs.

    Args:
        out: folder that is to hold the audits.
        memory: folder of the failure memory; the user's data folder when None.
        llm_url: base URL of a chat model's server to ask; none is asked when None.
    """
    folders = {
        "audits folder": out,
        "failure memory": memory or Path(platformdirs.user_data_dir("faultfinder")),
        "cache": Path(platformdirs.user_cache_dir("faultfinder")),
    }
    return list(
        chain(
            [check_python()],
            check_packages(),
            [check_torch(), check_targets()],
            [check_folder(name, folder) for name, folder in folders.items()],
            [check_offline(), check_server(llm_url), check_browser()],
        )
    )


def check_python() -> Check:
    """Check the interpreter's version."""
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}, SQLite {sqlite3.sqlite_version}"
    if sys.version_info >= LOWEST_PYTHON:
        return Check("python", Health.OK, text)
    return Check("python", Health.FAIL, text, "install Python 3.11 or newer")


def check_packages() -> Iterator[Check]:
    """Check that every package that is needed is installed; the optional ones are only mentioned."""
    try:
        requirements = requires("faultfinder") or []
    except PackageNotFoundError:
        yield Check("faultfinder", Health.FAIL, "is not installed as a package", "pip install --editable .")
        return
    for requirement in requirements:
        optional = re.search(r"extra\s*==\s*[\"']([\w-]+)", requirement)
        if optional and optional[1] != "sentence-transformers":
            continue
        yield _package(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0], optional[1] if optional else None)


def check_torch() -> Check:
    """Check that torch works, and say with what."""
    try:
        torch = importlib.import_module("torch")
    except (ImportError, OSError) as error:
        return Check("torch", Health.FAIL, f"cannot be imported: {error}", "reinstall torch for this machine")
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU (none is needed)"
    return Check("torch", Health.OK, f"{torch.get_num_threads()} threads, {device}")


def check_targets() -> Check:
    """Check which kinds of target can be used."""
    from faultfinder.tools.registry import targets

    kinds = targets()
    ready = [kind.spec for kind in kinds if kind.ready]
    missing = [f"{kind.spec}: {kind.hint}" for kind in kinds if not kind.ready]
    return Check("targets", Health.WARN if missing else Health.OK, ", ".join(ready), "; ".join(missing))


def check_folder(name: str, folder: Path) -> Check:
    """Check that files can be written into a folder, or that it could be made, and that there is room."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        return Check(
            name, Health.FAIL, f"{folder} is not writable ({error.strerror})", "make it writable or choose another"
        )
    text = f"{folder} is writable, {free / 1024**3:.1f} GiB free"
    if free < FREE_BYTES:
        return Check(name, Health.WARN, text, "make room: embeddings and pictures of long audits take gigabytes")
    return Check(name, Health.OK, text)


def check_offline() -> Check:
    """Say whether the model hub may be asked."""
    off = [name for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") if os.environ.get(name) not in (None, "", "0")]
    if off:
        return Check("network", Health.OK, f"{', '.join(off)} set: models come from the local cache only")
    return Check(
        "network", Health.OK, "not needed, but for hub models not downloaded yet; HF_HUB_OFFLINE=1 forbids even that"
    )


def check_server(url: str | None) -> Check:
    """Check that a chat model's server answers; without a URL say what is used instead."""
    if url is None:
        key = "an OPENAI_API_KEY is set" if os.environ.get("OPENAI_API_KEY") else "no OPENAI_API_KEY is set"
        return Check(
            "chat model",
            Health.OK,
            f"none asked ({key}); the offline strategist needs none, --llm-url URL checks a server",
        )
    try:
        status = _answer(url)
    except (OSError, ValueError) as error:
        reason = plain(str(getattr(error, "reason", error)))
        return Check(
            "chat model",
            Health.FAIL,
            f"{url} does not answer ({reason})",
            "start the server, or correct the URL; most end in /v1",
        )
    if status in (401, 403):
        return Check("chat model", Health.WARN, f"{url} answers {status}", "set OPENAI_API_KEY to a key that it takes")
    if status >= 400:
        return Check(
            "chat model",
            Health.WARN,
            f"{url}/models answers {status}",
            "the server is up; check that the URL ends as it should, often in /v1",
        )
    return Check("chat model", Health.OK, f"{url} answers")


def check_browser() -> Check:
    """Check for a browser that can look at reports by itself; only the browser tests need it."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found:
        return Check("chromium", Health.OK, found)
    return Check("chromium", Health.WARN, "not found", "only the browser tests need it; any browser opens a report")


def _package(name: str, extra: str | None) -> Check:
    try:
        return Check(name, Health.OK, version(name))
    except PackageNotFoundError:
        wanted = f"faultfinder[{extra}]" if extra else name
        return Check(name, Health.WARN if extra else Health.FAIL, "is not installed", f"pip install '{wanted}'")


def _answer(url: str) -> int:
    """Return the status with which a server lists its models."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("a URL begins with http:// or https://")
    key = os.environ.get("OPENAI_API_KEY")
    request = urllib.request.Request(
        f"{url.rstrip('/')}/models", headers={"Authorization": f"Bearer {key}"} if key else {}
    )
    try:
        with urllib.request.urlopen(request, timeout=URL_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
