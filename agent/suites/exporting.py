"""Every case of an audit as a flat row: CSV for spreadsheets, JSON lines for programs, Parquet for data tools."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from faultfinder.agent.inquiries import Attempt, Inquiry, inquiries
from faultfinder.agent.report.combining import combined
from faultfinder.agent.report.downstream_facts import Gallery
from faultfinder.agent.report.findings import STATUS_OF, Status
from faultfinder.memory.errors import AuditError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.picture_records import Side
from faultfinder.memory.records import AuditSettings, Case, Meaning, Outcome, Record, Role
from faultfinder.tools.people.exchange import defused


class ExportedCase(Record):
    """One case with everything that is known of it and of its hypothesis."""

    audit: str = Field(description="name of the audit")
    goal: str = Field(description="the user's sentence")
    target: str = Field(description="spec of the model under audit")
    reference: str | None = Field(description="spec of the reference encoder, when there was one")
    corpus: str = Field(description="where the texts come from: 'lab', or the name of the file")
    strategist: str = Field(description="'offline' or the chat model that proposed")
    seed: int = Field(description="seed of the audit")
    hypothesis: str = Field(description="id of the hypothesis the case tests")
    title: str = Field(description="the hypothesis in a few words")
    description: str = Field(description="the falsifiable sentence that was tested")
    parent: str | None = Field(description="the hypothesis that it refines")
    status: Status = Field(description="what became of the hypothesis: confirmed, refuted or inconclusive")
    p_value: float | None = Field(description="one-sided exact test of probes against controls; null before a verdict")
    alpha: float | None = Field(description="the test's share of the error budget; null before a verdict")
    case: str = Field(description="id of the case")
    role: Role = Field(description="probe: the hypothesis says it fails; control: as small a change, it does not")
    look: int = Field(description="1 for the first experiment of a hypothesis, 2 for further fresh cases, ...")
    a: str = Field(description="first text")
    b: str = Field(description="second text")
    meaning: Meaning = Field(description="whether the two mean the same, said before the target was asked")
    judge: str = Field(description="who said so")
    judge_reason: str = Field(description="why, in the judge's words")
    outcome: Outcome | None = Field(description="fail, pass, unscorable, error or invalid; null where never tried")
    detail: str = Field(description="why it is invalid, unscorable or an error, or what pictures show")
    machine_outcome: Outcome | None = Field(description="the outcome before people answered")
    asked_people: bool = Field(description="whether people answered about it")
    target_similarity: float | None = Field(description="cosine between the target's embeddings; null for pictures")
    reference_similarity: float | None = Field(description="cosine of the reference")
    bar: float | None = Field(description="similarity from which the target fails the case")
    image_a: str | None = Field(description="SHA-256 of the picture painted of a, by target or downstream generator")
    image_b: str | None = Field(description="SHA-256 of the picture painted of b")
    shows_a: str | None = Field(description="what that picture shows: first, second, neither or cannot tell")
    shows_b: str | None = Field(description="the same of b's picture")


def exported(ledger: Ledger, settings: AuditSettings) -> list[ExportedCase]:
    """Return every case of an audit: those never tried too, hypothesis by hypothesis, in the order of the findings."""
    written: dict[str, list[Case]] = {}
    for case in ledger.all(Case):
        written.setdefault(case.hypothesis, []).append(case)
    maker = _Maker(settings, Gallery(ledger))
    rows = []
    for inquiry in combined(inquiries(ledger)):
        tried = {attempt.case.id for attempt in inquiry.attempts}
        rows += [maker.row(inquiry, attempt.case, attempt) for attempt in inquiry.attempts]
        untried = [case for case in written.get(inquiry.hypothesis.id, []) if case.id not in tried]
        rows += [maker.row(inquiry, case, None) for case in untried]
    return rows


def in_format(path: Path, rows: Sequence[ExportedCase]) -> bytes:
    """Return the rows as the file's name asks.

    Raises:
        AuditError: the name asks for a format that is not known, or whose library is not installed.
    """
    make = FORMATS.get(path.suffix.lower())
    if make is None:
        raise AuditError(f"{path}: not known how to write that; name a file that ends in {', '.join(FORMATS)}")
    return make(rows)


def to_jsonl(rows: Sequence[ExportedCase]) -> bytes:
    """Return a JSON object a line."""
    return "".join(row.model_dump_json() + "\n" for row in rows).encode()


def _to_csv(rows: Sequence[ExportedCase]) -> bytes:
    """Return a spreadsheet's file; a cell that could be taken for a formula is defused."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(ExportedCase.model_fields))
    writer.writeheader()
    for row in rows:
        cells = row.model_dump(mode="json").items()
        writer.writerow({name: defused(cell) if isinstance(cell, str) else cell for name, cell in cells})
    return buffer.getvalue().encode("utf-8-sig")


def _to_parquet(rows: Sequence[ExportedCase]) -> bytes:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise AuditError(
            "Parquet needs the library pyarrow: pip install 'faultfinder[parquet]'; or name a .csv or .jsonl file"
        ) from error
    schema = arrow.schema([(name, getattr(arrow, kind)()) for name, kind in column_types().items()])
    buffer = arrow.BufferOutputStream()
    parquet.write_table(arrow.Table.from_pylist([row.model_dump(mode="json") for row in rows], schema), buffer)
    return bytes(buffer.getvalue().to_pybytes())


FORMATS: Mapping[str, Callable[[Sequence[ExportedCase]], bytes]] = MappingProxyType(
    {".csv": _to_csv, ".jsonl": to_jsonl, ".parquet": _to_parquet}
)


def column_types() -> dict[str, str]:
    """Return each column's type, in the names that Arrow and data set cards share."""
    schema = ExportedCase.model_json_schema()
    return {name: _type_of(field, schema.get("$defs", {})) for name, field in schema["properties"].items()}


def _type_of(field: Mapping[str, object], named: Mapping[str, Mapping[str, object]]) -> str:
    kinds = {"string": "string", "integer": "int64", "number": "float64", "boolean": "bool_"}
    options = field.get("anyOf", [field])
    assert isinstance(options, list)
    first = options[0]
    found = named[first["$ref"].rpartition("/")[2]] if "$ref" in first else first
    return kinds[str(found["type"])]


class _Maker:
    """Makes the rows of one audit."""

    def __init__(self, settings: AuditSettings, gallery: Gallery) -> None:
        self._gallery = gallery
        self._audit = {
            "audit": settings.name,
            "goal": settings.goal,
            "target": settings.target,
            "reference": settings.reference,
            "corpus": Path(settings.corpus).name,
            "strategist": settings.llm,
            "seed": settings.seed,
        }

    def row(self, inquiry: Inquiry, case: Case, attempt: Attempt | None) -> ExportedCase:
        hypothesis, verdict = inquiry.hypothesis, inquiry.verdict
        return ExportedCase(
            **self._audit,
            hypothesis=hypothesis.id,
            title=hypothesis.title,
            description=hypothesis.description,
            parent=hypothesis.parent,
            status=STATUS_OF[inquiry.decision],
            p_value=verdict.p_value if verdict else None,
            alpha=verdict.alpha if verdict else None,
            case=case.id,
            role=case.role,
            look=case.look,
            a=case.a,
            b=case.b,
            meaning=case.judgement.meaning,
            judge=case.judgement.judge,
            judge_reason=case.judgement.reason,
            **_result(attempt),
            **self._pictures(case),
        )

    def _pictures(self, case: Case) -> dict[str, str | None]:
        sides = {"a": self._gallery.side(case.id, Side.A), "b": self._gallery.side(case.id, Side.B)}
        images = {f"image_{name}": side.image if side else None for name, side in sides.items()}
        shows = {f"shows_{name}": side.seen.value if side and side.seen else None for name, side in sides.items()}
        return images | shows


def _result(attempt: Attempt | None) -> dict[str, object]:
    seen = attempt.seen if attempt else None
    settled = attempt.settled if attempt else None
    return {
        "outcome": seen.outcome if seen else None,
        "detail": seen.detail if seen else "",
        "machine_outcome": settled.machine if settled else seen.outcome if seen else None,
        "asked_people": settled.asked if settled else False,
        "target_similarity": seen.target_similarity if seen else None,
        "reference_similarity": seen.reference_similarity if seen else None,
        "bar": seen.bar if seen else None,
    }
