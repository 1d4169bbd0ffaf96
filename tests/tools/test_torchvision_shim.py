"""torchvision imports, whether or not its compiled operators fit."""

import subprocess
import sys

import pytest

TRY = """
import sys
sys.path.insert(0, sys.argv[1])
from faultfinder.tools.torchvision_shim import ensure_torchvision
ensure_torchvision()
ensure_torchvision()
import torchvision
print("imported", torchvision.__name__)
"""


def _imports_with(folder, content):
    (folder / "torchvision").mkdir()
    (folder / "torchvision" / "__init__.py").write_text(content)
    return subprocess.run([sys.executable, "-c", TRY, str(folder)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="a build that fits"),
        pytest.param("import torch\ntorch.library.register_fake('torchvision::nms')(len)", id="operators missing"),
    ],
)
def test_it_imports(tmp_path, content):
    ran = _imports_with(tmp_path, content)
    assert ran.stdout == "imported torchvision\n", ran.stderr


def test_any_other_failure_is_not_hidden(tmp_path):
    ran = _imports_with(tmp_path, "raise RuntimeError('the disk is on fire')")
    assert ran.returncode != 0
    assert "the disk is on fire" in ran.stderr


def test_the_installed_one_imports_and_transforms_pictures():
    from faultfinder.tools.torchvision_shim import ensure_torchvision

    ensure_torchvision()
    from PIL import Image
    from torchvision.transforms import functional

    assert functional.to_tensor(Image.new("RGB", (4, 3))).shape == (3, 3, 4)
