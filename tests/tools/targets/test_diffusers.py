"""`diffusers:` on small real pipelines: repeatable, checked before it is loaded, never running a folder's code."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from faultfinder.memory.errors import PictureRefused, SpecError, TargetError
from faultfinder.tools.registry import open_any, open_generator
from faultfinder.tools.targets.checked_pictures import CheckedGenerator
from faultfinder.tools.targets.diffusers_pipeline import DiffusersPipeline
from tests.support.pipelines import save_film_maker, save_painter

CODE = "from pathlib import Path\nPath({mark!r}).write_text('ran')\nclass Mine: pass\n"


@pytest.fixture(scope="session")
def painter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_painter(tmp_path_factory.mktemp("diffusers") / "painter")


@pytest.fixture
def copy(painter: Path, tmp_path: Path) -> Path:
    """A copy of the pipeline's folder, to be spoilt."""
    return Path(shutil.copytree(painter, tmp_path / "copy"))


def index_of(folder: Path, **changes: object) -> None:
    path = folder / "model_index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_saved_pipeline_keeps_the_contract(painter, check_generator):
    generator = open_any(f"diffusers:{painter}@steps=2")
    assert generator.name == f"diffusers:{painter}@steps=2"
    check_generator(generator)


def test_pictures_are_kept_with_what_shaped_them(painter):
    generator = open_generator(f"diffusers:{painter}@steps=3,guidance=2.5,dtype=bf16,device=cpu,height=24,width=16")
    assert generator.settings == {
        "model": generator.name,
        "pipeline": "StableDiffusionPipeline",
        "device": "cpu",
        "dtype": "bfloat16",
        "scheduler": "DDIMScheduler",
        "steps": "3",
        "guidance": "2.5",
        "height": "24",
        "width": "16",
    }
    assert generator.generate(["a dog"], [1])[0].size == (16, 24)
    assert open_generator(f"diffusers:{painter}").settings["steps"] == "50", "the pipeline's own number is said too"


def test_the_identity_follows_the_weights_and_nothing_else(painter, copy, tmp_path):
    first = open_generator(f"diffusers:{painter}@steps=2").identity
    assert open_generator(f"diffusers:{copy}@steps=5").identity == first
    assert open_generator(f"diffusers:{save_painter(tmp_path / 'other', seed=1)}").identity != first


def test_a_folder_may_have_an_at_sign_in_its_name(copy):
    named = copy.rename(copy.with_name("me@home"))
    assert open_generator(f"diffusers:{named}").settings["steps"] == "50"
    assert open_generator(f"diffusers:{named}@steps=2").settings["steps"] == "2"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("speed=2", "'speed=2' is no option; write diffusers:NAME_OR_DIR"),
        ("steps", "'steps' is no option"),
        ("steps=two", "'two' is no value for steps"),
        ("steps=0", "'0' is no value for steps"),
        ("height=-8", "'-8' is no value for height"),
        ("guidance=nan", "'nan' is no value for guidance"),
        ("device=", "'' is no value for device"),
        ("dtype=int8", "dtype is one of fp32, fp16, bf16, not 'int8'"),
        ("frames=4", "a StableDiffusionPipeline takes no frames; leave it out"),
        ("device=abacus", "cannot be loaded: RuntimeError"),
    ],
)
def test_options_that_make_no_sense_are_named(painter, written, said):
    with pytest.raises(SpecError, match=said):
        open_generator(f"diffusers:{painter}@{written}")


@pytest.mark.parametrize("where", ["./nowhere", "~/nowhere-at-all", "/nowhere/at/all"])
def test_a_missing_folder_is_named(where):
    with pytest.raises(SpecError, match=r"there is no folder .*nowhere"):
        open_generator(f"diffusers:{where}@steps=2")


def test_a_name_out_of_reach_says_what_to_do():
    with pytest.raises(SpecError, match=r"cannot be loaded.*Give a folder that save_pretrained wrote"):
        open_generator("diffusers:nobody/no-such-model")


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path):
    with pytest.raises(SpecError, match=r"has no model_index\.json, so it is no diffusers pipeline"):
        open_generator(f"diffusers:{tmp_path}")


@pytest.mark.parametrize("content", ["", "{", "[1, 2]"])
def test_an_index_that_cannot_be_read_is_refused(copy, content):
    (copy / "model_index.json").write_text(content)
    with pytest.raises(SpecError, match=r"model_index\.json (cannot be read|does not list)"):
        open_generator(f"diffusers:{copy}")


def test_a_cut_file_of_weights_is_refused(copy):
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(SpecError, match="cannot be loaded"):
        open_generator(f"diffusers:{copy}")


def test_weights_as_pickles_are_refused(tmp_path):
    folder = save_painter(tmp_path / "pickled", safe_serialization=False)
    with pytest.raises(SpecError, match=r"weights of its unet are pickles .* run code when loaded; save it again with"):
        open_generator(f"diffusers:{folder}")


def test_one_pickle_among_safetensors_is_not_loaded_either(copy):
    (copy / "unet" / "diffusion_pytorch_model.safetensors").rename(copy / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(SpecError, match="weights of its unet are pickles"):
        open_generator(f"diffusers:{copy}")


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("pipeline.py", {"_class_name": ["pipeline", "Mine"]}),
        ("unet/mine.py", {"unet": ["mine", "Mine"]}),
        ("mine.py", {"scheduler": ["mine", "Mine"]}),
    ],
)
def test_a_folder_with_code_of_its_own_is_refused_and_the_code_never_runs(copy, tmp_path, monkeypatch, file, changes):
    mark = tmp_path / "ran"
    (copy / file).write_text(CODE.format(mark=str(mark)))
    index_of(copy, **changes)
    monkeypatch.syspath_prepend(str(copy))
    with pytest.raises(SpecError, match="code would run"):
        open_generator(f"diffusers:{copy}")
    assert not mark.exists()


def test_code_that_merely_lies_in_the_folder_does_not_run(copy, tmp_path, monkeypatch):
    mark = tmp_path / "ran"
    for file in ("pipeline.py", "unet/unet.py", "diffusers.py"):
        (copy / file).write_text(CODE.format(mark=str(mark)))
    monkeypatch.chdir(copy)
    assert len(open_generator(f"diffusers:{copy}@steps=1").generate(["a dog"], [1])) == 1
    assert not mark.exists()


def test_a_pipeline_that_paints_without_a_prompt_is_refused(tmp_path):
    from diffusers import DDIMScheduler, DDPMPipeline, UNet2DModel

    net = UNet2DModel(
        sample_size=8, block_out_channels=(8, 8), layers_per_block=1, norm_num_groups=4,
        down_block_types=("DownBlock2D",) * 2, up_block_types=("UpBlock2D",) * 2,
    )  # fmt: skip
    DDPMPipeline(net, DDIMScheduler()).save_pretrained(tmp_path / "blind", safe_serialization=True)
    with pytest.raises(SpecError, match="is a DDPMPipeline, which paints no picture of a prompt alone"):
        open_generator(f"diffusers:{tmp_path / 'blind'}")


class Prudish:
    """A real pipeline with a safety checker that dislikes one word."""

    def __init__(self, pipeline: object) -> None:
        self.pipeline = pipeline
        self.device, self.components = "cpu", {}

    def __call__(self, prompt: list[str], generator: list[object], output_type: str = "pil") -> object:
        made = self.pipeline(prompt=prompt, generator=generator, output_type=output_type, num_inference_steps=1)
        return SimpleNamespace(images=made.images, nsfw_content_detected=["nude" in text for text in prompt])


def test_what_a_safety_checker_blacks_out_is_refused_and_the_rest_is_painted(painter):
    real = open_generator(f"diffusers:{painter}")._generator._pipeline
    generator = CheckedGenerator(DiffusersPipeline("prudish", Prudish(real), {}), "diffusers:prudish")
    with pytest.raises(PictureRefused, match="the safety checker of prudish blacked out the picture"):
        generator.generate(["a dog", "a nude dog"], [1, 1])
    assert len(generator.generate(["a dog", "a cat"], [1, 1])) == 2


def test_a_pipeline_that_fails_is_a_failing_target(painter):
    with pytest.raises(TargetError, match=r"failed at 'a dog': IndexError: index 50 is out of bounds"):
        open_generator(f"diffusers:{painter}@steps=50").generate(["a dog"], [1])  # its scheduler knows 50, from 0


@pytest.fixture(scope="session")
def film_maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return save_film_maker(tmp_path_factory.mktemp("diffusers") / "films")


def test_of_a_film_the_middle_frame_is_judged(film_maker, check_generator):
    generator = open_generator(f"diffusers:{film_maker}@steps=1,frames=3")
    assert generator.settings["picture"] == "the middle frame of a video"
    check_generator(generator)
    pipeline = generator._generator._pipeline
    import torch

    dice = [torch.Generator("cpu").manual_seed(5)]
    (film,) = pipeline(prompt=["a dog"], generator=dice, num_inference_steps=1, num_frames=3, output_type="pil").frames
    assert generator.generate(["a dog"], [5])[0].tobytes() == film[1].tobytes()
