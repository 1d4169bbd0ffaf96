"""A full disk is a message and costs nothing that was there: with space again the audit ends as it would have."""

import resource
import subprocess
from pathlib import Path

import pytest

from tests.support.audits import ROOT, audit_command, command, environment, run, timeless

KILOBYTES = 1024


def run_with(largest: int, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command that can make no file larger than so many bytes: what is over is refused as on a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    return subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(),
        cwd=ROOT,
        preexec_fn=limit,
    )


@pytest.mark.slow
def test_a_full_disk_stops_the_audit_with_a_message_and_loses_nothing(tmp_path: Path) -> None:
    calm = run(audit_command(tmp_path / "calm", "blind"))
    assert calm.returncode == 0, calm.stderr
    full = run_with(2500 * KILOBYTES, audit_command(tmp_path, "blind"))
    assert full.returncode == 2
    assert "is the disk full" in full.stderr
    assert "Traceback" not in full.stderr
    ended = run(command("resume", "small", "--out", str(tmp_path)))
    assert ended.returncode == 0, ended.stderr
    assert timeless(tmp_path / "small") == timeless(tmp_path / "calm" / "small")


@pytest.mark.parametrize("kilobytes", [8, 40])
def test_a_disk_with_no_room_for_the_database_is_a_message(tmp_path: Path, kilobytes: int) -> None:
    full = run_with(kilobytes * KILOBYTES, audit_command(tmp_path, "blind", "--corpus", "lab"))
    assert full.returncode == 2
    assert "is the disk full" in full.stderr
    assert "Traceback" not in full.stderr
