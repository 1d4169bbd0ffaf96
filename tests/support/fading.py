"""Fades for tests: audits to fade from, pictures of the lab's world in files, and what a fade left."""

import csv
import json
from pathlib import Path

from safetensors.torch import save_file

from faultfinder.agent.fading.records import FadeFile
from faultfinder.memory.records import Limits
from faultfinder.tools.registry import open_encoder, world_of
from tests.support.audits import audit, settings
from tests.support.suites import run, user_folders

CONTEXT = 22
GOAL = "does it understand colours?"


def audited(place: Path, target: str, name: str = "before", **changes: object) -> Path:
    """Audit a target on the lab's captions; return the folder of audits."""
    few = {"limits": Limits(hypotheses=1), "probes": 20, "controls": 20, **changes}
    with user_folders(place / "user"):
        audit(place, settings(place, target, corpus="lab", name=name, goal=GOAL, **few))
    return place


def fade(audits: Path, *more: str, name: str = "before", failure: str = "h1") -> int:
    """Fade a failure from the command line; return the exit code."""
    return run("fade", name, "--out", str(audits), "--failure", failure, *more)


def left_by(folder: Path) -> FadeFile:
    """Read what a fade left."""
    return FadeFile.model_validate_json((folder / "fade.json").read_bytes())


def pictures(folder: Path, number: int, seed: int = 11, words: tuple[str, ...] = ()) -> Path:
    """Write pictures of the lab's world with true captions, those that say one of the words; return the CSV."""
    folder.mkdir(parents=True)
    said = world_of("lab:clip").teacher.lessons(40 * number, seed)
    chosen = [each for each in said if not words or set(words) & set(each.caption.split())][:number]
    with (folder / "captions.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("picture", "caption"))
        for index, lesson in enumerate(chosen):
            lesson.picture().save(folder / f"{index}.png")
            rows.writerow((f"{index}.png", lesson.caption))
    return folder / "captions.csv"


def as_open_clip(spec: str, folder: Path) -> str:
    """Write one of the lab's CLIPs as an open_clip model with a Hugging Face tokenizer; return its spec.

    The weights are the lab's, and so are the ids of its words.
    """
    lab = open_encoder(spec)
    folder.mkdir(parents=True)
    _word_tokenizer(lab._model.tokenizer).save_pretrained(folder)
    text = {"context_length": CONTEXT, "vocab_size": lab._model.tokenizer.vocab_size, "width": 128, "heads": 4}
    text |= {"layers": 3, "hf_tokenizer_name": "words"}
    vision = {"image_size": 48, "layers": 3, "width": 128, "head_width": 32, "patch_size": 12}
    config = {"embed_dim": 128, "vision_cfg": vision, "text_cfg": text}
    preprocessing = {"mean": [0.5] * 3, "std": [0.5] * 3}
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": preprocessing}))
    state = {name: tensor.contiguous() for name, tensor in lab.module.state_dict().items()}
    save_file(state, folder / "open_clip_model.safetensors")
    return f"open_clip:local-dir:{folder}"


def _word_tokenizer(words):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    ends = {"<start>": words.start_id, "<end>": words.end_id}
    ids = {"<pad>": 0, "<unknown>": len(words.ids) + 1, **words.ids, **ends}
    made = Tokenizer(models.WordLevel(ids, unk_token="<unknown>"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing("<start> $A <end>", special_tokens=list(ends.items()))
    return PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", unk_token="<unknown>")
