"""Specs become encoders, or a message that says what to do."""

import sys

import numpy as np
import pytest

from faultfinder.memory.errors import SpecError, TargetError
from faultfinder.tools.ports import TextEncoder
from faultfinder.tools.registry import names_generator, open_any, open_encoder, open_generator, targets

MODULE = """
import numpy as np

class Model:
    name = "mine"
    def embed_texts(self, texts):
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

class Pictures:
    name = "pictures"
    def embed_images(self, images):
        return np.ones((len(images), 2), dtype=np.float32)

class Nameless:
    def embed_texts(self, texts):
        return []

def broken():
    raise ValueError("no licence\\nfor this")

def leaves():
    raise SystemExit("bye")

number = 3
"""


@pytest.fixture
def my_module(tmp_path, monkeypatch):
    """A module in the working directory, forgotten afterwards."""
    (tmp_path / "my_models_under_test.py").write_text(MODULE)
    (tmp_path / "broken_module_under_test.py").write_text("import no_such_package_at_all")
    monkeypatch.chdir(tmp_path)
    path = list(sys.path)
    yield "python:my_models_under_test"
    sys.path[:] = path
    for name in ("my_models_under_test", "broken_module_under_test"):
        sys.modules.pop(name, None)


def test_a_factory_in_the_working_directory_is_found(my_module):
    encoder = open_encoder(f"{my_module}:Model")
    assert encoder.name == "mine"
    assert encoder.embed_texts(["ab", "c"]).tolist() == [[2, 1], [1, 1]]


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        (":broken", r"broken\(\) failed: ValueError: no licence for this"),
        (":leaves", "SystemExit: bye"),
        (":nothing", "has no function nothing"),
        (":number", "has no function number"),
        (":Nameless", "without a name"),
        (":Pictures", "this version audits text encoders and generators only"),
        (":dict", "has no function dict"),
        ("", "does not name a module and a factory; write python:MODULE:FACTORY"),
    ],
)
def test_a_factory_that_does_not_deliver_is_named(my_module, factory, said):
    with pytest.raises(SpecError, match=said):
        open_encoder(my_module + factory)


def test_a_module_that_cannot_be_imported_is_named(my_module):
    with pytest.raises(SpecError, match=r"broken_module_under_test cannot be imported.*no_such_package_at_all"):
        open_encoder("python:broken_module_under_test:make")


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("openclip:ViT-B-32", "did you mean open_clip:ViT-B-32"),
        ("sentence_transformers:x", "did you mean sentence-transformers:x"),
        ("ViT-B-32", "names no target. Known: "),
        ("", "names no target"),
        ("lab:", "lacks what follows the colon; write lab:clip"),
        ("onnx:model.onnx", "onnx: targets come in a later version. Known: "),
        ("openai:gpt", "answers texts; what is wanted here embeds texts"),
        ("diffusers:x", "paints pictures; what is wanted here embeds texts"),
        ("folder:x", "paints pictures; what is wanted here embeds texts"),
        ("lab:t2i", "paints pictures; what is wanted here embeds texts"),
        ("lab:clipp", "there is no lab:clipp; the lab has lab:clip, lab:clip-clear"),
        ("vectors:nowhere.npz", "there is no file nowhere.npz"),
        ("sentence-transformers:./nowhere", "there is no folder nowhere"),
        ("sentence-transformers:some-model-of-nobody", "cannot be loaded.*fetched once from its hub"),
    ],
)
def test_what_cannot_be_resolved_says_what_to_do(spec, said):
    with pytest.raises(SpecError, match=said):
        open_encoder(spec)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("diffuser:x", "did you mean diffusers:x"),
        ("folder:", "lacks what follows the colon; write folder:DIR"),
        ("open_clip:ViT-B-32", "embeds texts; what is wanted here paints pictures. Known: "),
        ("vectors:x.npz", "embeds texts; what is wanted here paints pictures"),
        ("lab:clip", "there is no lab:clip; the lab has lab:t2i"),
        ("lab:t2i/nothing", "there is no lab:t2i/nothing; the lab has lab:t2i"),
        ("onnx:x", "onnx: targets come in a later version"),
        ("", "names no target"),
    ],
)
def test_a_generator_that_cannot_be_resolved_says_what_to_do(spec, said):
    with pytest.raises(SpecError, match=said):
        open_generator(spec)


@pytest.mark.parametrize(
    ("spec", "paints"),
    [
        ("lab:t2i", True),
        ("lab:t2i/left-right", True),
        (" diffusers:x", True),
        ("folder:x", True),
        ("openai-images:x", True),
        ("lab:clip", False),
        ("open_clip:x", False),
        ("python:x:y", False),
        ("nothing:x", False),
    ],
)
def test_a_spec_says_whether_it_paints(spec, paints):
    assert names_generator(spec) is paints


def test_known_vectors_are_looked_up_and_others_refused(tmp_path):
    file = tmp_path / "v.npz"
    np.savez(file, names=np.array(["cat", "dog"]), vectors=np.array([[3.0, 4.0], [0.0, 2.0]]))
    encoder = open_encoder(f"vectors:{file}")
    np.testing.assert_allclose(encoder.embed_texts(["dog", "cat", "dog"]), [[0, 1], [0.6, 0.8], [0, 1]], atol=1e-7)
    assert encoder.embed_texts([]).shape == (0, 2)
    with pytest.raises(TargetError, match=r"2 known texts.*1 of 2 are unknown, such as 'cow'"):
        encoder.embed_texts(["cat", "cow"])


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"names": np.array(["a"])}, "vectors"),
        ({"names": np.array(["a", "b"]), "vectors": np.ones((1, 3))}, "2 names for 1 vectors"),
        ({"names": np.array([1, 2]), "vectors": np.ones((2, 3))}, "of strings"),
        ({"names": np.array(["a"], dtype=object), "vectors": np.ones((1, 3))}, "names as strings"),
        ({"names": np.array(["a", "b"]), "vectors": np.array([[1.0], [np.nan]])}, "'b' is zero, NaN"),
        ({"names": np.array([], dtype=str), "vectors": np.ones((0, 3))}, "0 names"),
    ],
)
def test_a_file_of_vectors_that_does_not_fit_is_refused(tmp_path, arrays, said):
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(SpecError, match=said):
        open_encoder(f"vectors:{tmp_path / 'v.npz'}")


@pytest.mark.parametrize("content", [b"", b"not an archive at all", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    (tmp_path / "v.npz").write_bytes(content)
    with pytest.raises(SpecError, match="cannot be read"):
        open_encoder(f"vectors:{tmp_path / 'v.npz'}")


def test_every_kind_of_target_is_listed():
    listed = {info.spec.partition(":")[0]: info for info in targets()}
    assert {"lab", "open_clip", "sentence-transformers", "python", "vectors"} <= set(listed)
    assert {"diffusers", "openai-images", "folder"} <= set(listed)
    assert all(info.about and (info.ready or info.hint) for info in listed.values())
    assert listed["lab"].ready


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package with a working and a broken plug-in, as pip would have installed it."""
    info = tmp_path / "faultfinder_plugin_under_test-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faultfinder-plugin-under-test\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[faultfinder.targets]\n"
        "ours = plugin_under_test:open_target\nbad = plugin_under_test:missing\n"
        "odd = plugin_under_test:odd\nlab = plugin_under_test:open_target\n"
        "[faultfinder.generators]\n"
        "brush = plugin_under_test:open_brush\nfolder = plugin_under_test:open_brush\n"
    )
    (tmp_path / "plugin_under_test.py").write_text(
        "from faultfinder.tools.hashing import HashEncoder\n"
        "def open_target(rest):\n    return HashEncoder(name=f'ours {rest}')\n"
        "def odd(rest):\n    return 3\n"
        "class Brush:\n"
        "    name = 'brush'\n"
        "    def generate(self, prompts, seeds):\n        return []\n"
        "def open_brush(rest):\n    return Brush()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("plugin_under_test", None)


@pytest.mark.usefixtures("installed")
def test_a_plug_in_adds_a_scheme_and_a_broken_one_is_reported():
    assert open_encoder("ours:x").name == "ours x"
    listed = {info.spec: info for info in targets()}
    assert listed["ours:..."].ready
    assert not listed["bad:..."].ready
    assert "plugin_under_test:missing is broken" in listed["bad:..."].hint
    with pytest.raises(SpecError, match="bad:x cannot be opened: AttributeError"):
        open_encoder("bad:x")
    with pytest.raises(SpecError, match="opened a int, which embeds no texts"):
        open_encoder("odd:x")


@pytest.mark.usefixtures("installed")
def test_a_plug_in_adds_a_generator_whose_pictures_are_checked():
    generator = open_any("brush:x")
    assert not isinstance(generator, TextEncoder)
    assert generator.name == "brush:x"
    with pytest.raises(TargetError, match="brush:x returned 0 pictures for 1 prompts"):
        generator.generate(["a dog"], [1])
    assert "brush:..." in {info.spec for info in targets()}
    with pytest.raises(SpecError, match="brush:x paints pictures"):
        open_encoder("brush:x")


@pytest.mark.usefixtures("installed")
def test_a_plug_in_cannot_replace_what_is_built_in():
    assert open_encoder("lab:oracle").name == "lab:oracle"
