"""The README beside exported files: which failure, how they were made, how to train with them, and how to prove it."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from faultfinder.agent.fading.text_records import Exported
from faultfinder.agent.report.markdown import as_code, as_text, table
from faultfinder.agent.report.outputs import SUITE
from faultfinder.memory.records import AuditSettings, Hypothesis
from faultfinder.tools.fading.tuning_files import FINE_TUNING, PREFERENCE, PREFERENCE_OPENAI, VALIDATION

NEW = "NEW"
"""Stands for the tuned model in commands."""

_OUT = "audits"
_FEWEST_OPENAI = 10
_ABOUT = {
    FINE_TUNING: "supervised: messages, the last of them the answer to learn; OpenAI, TRL's SFTTrainer",
    VALIDATION: "the same, of inputs that are in no other file",
    PREFERENCE: "preferences: prompt, chosen, rejected; TRL's DPOTrainer",
    PREFERENCE_OPENAI: "preferences: input, preferred and non-preferred output; OpenAI",
}


def text_card(exported: Exported, failed: Hypothesis, settings: AuditSettings, folder: Path) -> str:
    """Return the card as Markdown.

    Args:
        exported: what was written.
        failed: the failure.
        settings: of the audit that proved it.
        folder: the audit's.
    """
    return (
        "\n\n".join(
            [
                f"# Files to fine-tune {as_text(settings.target)} with",
                "**Nothing was trained, and it is not proven that anything has faded.** The failure, proven by the "
                f"audit {as_text(settings.name)} as {failed.id}: {as_text(failed.description)}",
                table(
                    ["file", "examples", "what it is"],
                    [(f.name, f"{f.examples:,}", _about(f.name)) for f in exported.files],
                ),
                *_made(exported, settings),
                *_training(exported),
                *_proof(failed, settings, folder),
            ]
        )
        + "\n"
    )


def _about(name: str) -> str:
    return _ABOUT.get(name, "the same, to validate by")


def _made(exported: Exported, settings: AuditSettings) -> list[str]:
    both = exported.edited + exported.plain
    own = both - exported.with_truth
    return [
        "## How they were made",
        f"Of the {exported.open_inputs:,} inputs of {as_text(settings.material)} that the audit only explored, "
        f"{exported.inputs:,} are in the files; those on which it tested hypotheses, and those held out, are in none. "
        f"{exported.tried:,} edited texts were tried ({as_text(exported.ended)}), {exported.edited:,} of them are "
        "texts that the model fails at, by the audit's own rule. What it is to answer is the truth "
        f"({exported.with_truth:,} examples) or, where there is none, what it answered to the unedited text ({own:,}); "
        "under an edit that changes the meaning, with the same change in it. What it answered to the edited text is "
        f"rejected. {exported.plain:,} unedited texts with their right answers ({exported.share:.0%} of the examples) "
        "are there so that the rest does not change. A prompt is what the model is given: with its instruction, "
        "where it has one.",
        f"Rule: {as_text(exported.scoring)}.",
        table(["the text was edited:", "examples"], [(each.what, f"{each.count:,}") for each in exported.by_edit]),
        table(["left out", "texts"], [(each.what, f"{each.count:,}") for each in exported.left_out])
        if exported.left_out
        else "No text was left out.",
    ]


def _training(exported: Exported) -> list[str]:
    names = {file.name for file in exported.files}
    said = [
        "## How to train with them",
        "TRL (`pip install trl`; MODEL is a folder or a name on the hub), supervised:",
        as_code(
            _trl("SFT", FINE_TUNING, VALIDATION if VALIDATION in names else None, "assistant_only_loss=True"), "python"
        ),
    ]
    if PREFERENCE in names:
        aside = "preference_validation.jsonl"
        said += [
            "or, better where the model knows the right answer already, by preferences:",
            as_code(_trl("DPO", PREFERENCE, aside if aside in names else None, ""), "python"),
        ]
    said += [
        "`assistant_only_loss` takes a chat template that marks the model's turns (TRL brings them for common "
        "families; leave it out where yours has none). A model that rewrites one text into another (T5, BART) is "
        "trained with transformers' Seq2SeqTrainer on the same prompts and answers.",
    ]
    few = [f.name for f in exported.files if f.examples < _FEWEST_OPENAI and f.name in (FINE_TUNING, PREFERENCE_OPENAI)]
    said += [
        "OpenAI, and services that take the same files (OpenAI itself is winding fine-tuning down, and no longer opens "
        "it to new users):",
        as_code(_openai(FINE_TUNING, "supervised"), "python"),
        *([f"With {PREFERENCE_OPENAI} the method is `dpo`."] if PREFERENCE_OPENAI in names else []),
        *([f"OpenAI wants at least {_FEWEST_OPENAI} examples: {', '.join(few)} has fewer."] if few else []),
    ]
    return said


def _trl(kind: str, train: str, validation: str | None, more: str) -> str:
    files = f'"train": "{train}"' + (f', "validation": "{validation}"' if validation else "")
    options = ", ".join(filter(None, ['output_dir="tuned"', more]))
    return "\n".join(
        [
            "from datasets import load_dataset",
            f"from trl import {kind}Config, {kind}Trainer",
            "",
            f'files = load_dataset("json", data_files={{{files}}})',
            f"{kind}Trainer(",
            '    model="MODEL",',
            f"    args={kind}Config({options}),",
            '    train_dataset=files["train"],',
            *(['    eval_dataset=files["validation"],'] if validation else []),
            ").train()",
        ]
    )


def _openai(name: str, method: str) -> str:
    return "\n".join(
        [
            "from openai import OpenAI",
            "",
            "client = OpenAI()",
            f'with open("{name}", "rb") as file:',
            '    uploaded = client.files.create(file=file, purpose="fine-tune")',
            f'client.fine_tuning.jobs.create(model="MODEL", training_file=uploaded.id, method={{"type": "{method}"}})',
        ]
    )


def _proof(failed: Hypothesis, settings: AuditSettings, folder: Path) -> list[str]:
    place = [] if str(folder.parent) == _OUT else ["--out", str(folder.parent)]
    return [
        "## How to prove that it has faded",
        f"{NEW} is the tuned model, as a target is named, with the same instruction. The failure's experiment on "
        "inputs that are in none of the files, its suite, and what the model answers to unedited texts, beside the "
        "original:",
        as_code(_command(["fade", settings.name, "--failure", failed.id, "--tuned", NEW, *place]), "sh"),
        "The whole suite of the audit, and the audit again; its hypotheses are tested on inputs that are in none of "
        "the files:",
        as_code(
            "\n".join(
                [_command(["check", str(folder / SUITE), "--target", NEW]), _command([*_audit(settings), *place])]
            ),
            "sh",
        ),
    ]


def _audit(settings: AuditSettings) -> list[str]:
    said = ["audit", settings.goal, "--name", f"{settings.name}-tuned", "--target", NEW]
    options = {
        "--inputs": settings.inputs,
        "--actions": settings.actions,
        "--metric": settings.metric,
        "--explorer": settings.explorer,
        "--queries": settings.queries,
        "--probes": settings.probes,
        "--controls": settings.controls,
        "--seed": settings.seed,
    }
    for name, value in options.items():
        said += [name, str(value)] if value is not None else []
    return [*said, *(["--small-steps"] if settings.small_steps else [])]


def _command(words: Sequence[str]) -> str:
    return shlex.join(["faultfinder", *words])
