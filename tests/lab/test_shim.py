"""torchvision and open_clip import, whatever build of torchvision is installed."""

import subprocess
import sys

PROGRAM = """
from faultfinder.lab.torchvision_shim import ensure_torchvision
ensure_torchvision()
ensure_torchvision()
import open_clip
"""


def test_open_clip_imports_in_a_fresh_interpreter():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
