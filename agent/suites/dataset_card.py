"""An audit's cases as a data set folder that `datasets.load_dataset` reads, with a card that says what they are.

The licence is left to the user: the texts come from a corpus whose terms Faultfinder does not know.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from faultfinder.agent.pictures.files import picture_path, read_png
from faultfinder.agent.report import words
from faultfinder.agent.report.markdown import as_text
from faultfinder.agent.suites.exporting import ExportedCase, column_types, to_jsonl
from faultfinder.agent.terminal.streams import plain
from faultfinder.memory.errors import AuditError

CARD, DATA, SPLIT = "README.md", "data/cases.jsonl", "test"
"""The card, the cases, and the split they are: data to evaluate with, not to train on."""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def folder_files(folder: Path, rows: Sequence[ExportedCase], audit: Path) -> dict[Path, bytes]:
    """Return the files of a data set folder and what is in them: cases, card, and the pictures that were painted.

    Args:
        folder: the folder to be.
        rows: every case.
        audit: the audit's own folder, where the pictures are.

    Raises:
        AuditError: the folder holds something already, or there is no case.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AuditError(f"{folder} is not empty, and a card that you have written on would be lost; name a new folder")
    if not rows:
        raise AuditError("the audit has written no case, so there is no data set to make of it")
    shown = {sha for row in rows for sha in (row.image_a, row.image_b) if sha}
    pictures = {picture_path(folder, sha): read_png(audit, sha) for sha in sorted(shown)}
    there = {path: png for path, png in pictures.items() if png is not None}
    return {folder / DATA: to_jsonl(rows), folder / CARD: card(rows).encode(), **there}


def card(rows: Sequence[ExportedCase]) -> str:
    """Return the card: a header that tools read, and what a person should know."""
    import yaml

    header = yaml.safe_dump(_header(rows), sort_keys=False, allow_unicode=True, width=100)
    licence = "# license: choose one of those the hub lists; the terms of the corpus have a say in it\n"
    return f"---\n{licence}{header}---\n\n{_body(rows)}"


def _header(rows: Sequence[ExportedCase]) -> dict[str, object]:
    dtypes = {"bool_": "bool"}
    features = [{"name": name, "dtype": dtypes.get(kind, kind)} for name, kind in column_types().items()]
    return {
        "pretty_name": f"Faultfinder audit of {plain(rows[0].target)}: {plain(rows[0].goal)}",
        "tags": ["faultfinder", "audit", "evaluation"],
        "size_categories": [next((name for most, name in _SIZES if len(rows) < most), "n>1M")],
        "configs": [{"config_name": "default", "data_files": [{"split": SPLIT, "path": DATA}]}],
        "dataset_info": {"config_name": "default", "features": features},
    }


def _body(rows: Sequence[ExportedCase]) -> str:
    first = rows[0]
    outcomes = Counter(row.outcome.value if row.outcome else "not tried" for row in rows)
    ended = ", ".join(f"{number:,} {name}" for name, number in outcomes.most_common())
    return "\n".join(
        [
            f"# Audit of {as_text(first.target)}",
            "",
            f"> {as_text(first.goal)}",
            "",
            f"Every case of the Faultfinder audit {as_text(first.audit)}: {words.plural(len(rows), 'pair')} of inputs "
            "with what the model under audit made of them. A *probe* is a pair of different meaning of which a "
            "hypothesis says that the model takes the two for the same (or, of a generator, does not paint what was "
            "asked); a *control* is as small a change of which it says that it does not.",
            "",
            f"How the cases ended: {ended}.",
            "",
            "## Hypotheses",
            "",
            "| hypothesis | status | probes failing | controls failing | p |",
            "|---|---|---|---|---|",
            *_hypotheses(rows),
            "",
            "A failure is confirmed when the lower end of the 95 % Wilson interval of its probes' failure rate reaches "
            "one half and an exact test against the controls stays below its share of one error budget of 5 % over "
            "all hypotheses tried. The refuted and inconclusive ones are part of that count and of this data set.",
            "",
            "## Columns",
            "",
            "| column | type | what it is |",
            "|---|---|---|",
            *[
                f"| `{name}` | {column_types()[name].rstrip('_')} | {as_text(field.description or '')} |"
                for name, field in ExportedCase.model_fields.items()
            ],
            "",
            "## Where it comes from",
            "",
            f"Texts: the corpus {as_text(first.corpus)}, and small edits of it; its terms hold for them, and the "
            f"licence of this data set is yours to choose. Model: {as_text(first.target)}. Proposed by: "
            f"{as_text(first.strategist)}. Seed: {first.seed}.",
            "",
            "The cases were chosen to fail, or to be close to such: rates over all of them say nothing of the model's "
            "usual inputs.",
            "",
        ]
    )


def _hypotheses(rows: Sequence[ExportedCase]) -> list[str]:
    grouped: dict[str, list[ExportedCase]] = {}
    for row in rows:
        grouped.setdefault(row.hypothesis, []).append(row)
    return [
        f"| {as_text(some[0].title)} | {some[0].status.value} | {_failing(some, 'probe')} | "
        f"{_failing(some, 'control')} | {words.small(some[0].p_value)} |"
        for some in grouped.values()
    ]


def _failing(rows: Sequence[ExportedCase], role: str) -> str:
    ends: Mapping[str, int] = Counter(row.outcome.value for row in rows if row.role.value == role and row.outcome)
    return f"{ends.get('fail', 0)} of {ends.get('fail', 0) + ends.get('pass', 0)}"
