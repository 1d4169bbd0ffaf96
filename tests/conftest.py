"""What holds for every test: deterministic examples, no hub, no key, no user folder, a browser where one is needed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Read once by the libraries, when they are imported.
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false", MPLBACKEND="Agg")

settings.register_profile("deterministic", derandomize=True, deadline=None, database=None, print_blob=True)
settings.load_profile("deterministic")

BROWSER_REQUIRED = "FAULTFINDER_REQUIRE_BROWSER"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(autouse=True)
def _user_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests out of the user's failure memory, caches, logs and keys."""
    for folder in ("data", "cache", "config", "state"):
        monkeypatch.setenv(f"XDG_{folder.upper()}_HOME", str(tmp_path / "user" / folder))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium. Without one the test is skipped, or fails where a browser is required."""
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get(BROWSER_REQUIRED):
        pytest.fail(f"no Chromium on the path, and {BROWSER_REQUIRED} is set: install the package 'chromium'")
    return found or pytest.skip("no Chromium on the path; install the package 'chromium' to run the browser tests")


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[object]:
    """A headless browser, as a ``playwright.sync_api.Browser``; a module's own, for its event loop bears no other."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield started
        started.close()
