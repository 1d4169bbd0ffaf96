"""The README beside exported files: which failure, how they were made, how to train with them, and how to prove it."""

import shlex
from collections.abc import Sequence

from faultfinder.agent.fading.records import Exported, FadeFile
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.fading.tuning_files import FINE_TUNING, PREFERENCE, PREFERENCE_OPENAI, VALIDATION

_FEWEST_OPENAI = 10
_TRL_SUPERVISED = """\
from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

files = load_dataset("json", data_files={files})
SFTTrainer(
    model="MODEL",
    args=SFTConfig(output_dir="tuned", assistant_only_loss=True),
    train_dataset=files["train"],{validation}
).train()"""
_TRL_PREFERENCE = """\
from datasets import load_dataset
from trl import DPOConfig, DPOTrainer

files = load_dataset("json", data_files={files})
DPOTrainer(
    model="MODEL",
    args=DPOConfig(output_dir="tuned"),
    train_dataset=files["train"],{validation}
).train()"""
_OPENAI = """\
from openai import OpenAI

client = OpenAI()
with open("{name}", "rb") as file:
    uploaded = client.files.create(file=file, purpose="fine-tune")
client.fine_tuning.jobs.create(model="MODEL", training_file=uploaded.id, method={{"type": "{method}"}})"""
