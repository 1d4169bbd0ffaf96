"""An audit's outputs: `findings.json`, `suite.jsonl`, `images/` and a report that stands on its own.

The page holds everything it shows; it runs no script and loads nothing, and a content security policy inside it says so
to the browser. Every text in it is escaped by the template engine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from faultfinder.agent.folder.atomic import write_atomically
from faultfinder.agent.inquiries import Inquiry, inquiries
from faultfinder.agent.pictures.drawing import illustrate, painted_pictures
from faultfinder.agent.report import words
from faultfinder.agent.report.changed_view import changed_images
from faultfinder.agent.report.charts import NARROW, WIDE, rates_chart
from faultfinder.agent.report.combining import combined
from faultfinder.agent.report.findings import FindingsFile, assemble
from faultfinder.agent.report.painted_view import shown_images
from faultfinder.agent.report.search_charts import FEWEST, found_chart
from faultfinder.agent.report.suite import SuiteCase, suite, to_jsonl
from faultfinder.agent.report.view import page, shown_texts
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings, Failure
from faultfinder.tools.encoder_eyes import EyesCalibration
from faultfinder.tools.ports import World
from faultfinder.tools.rewording import TemplateRewriter

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

REPORT, FINDINGS, SUITE = "report.html", "findings.json", "suite.jsonl"


@dataclass(frozen=True)
class Outputs:
    """The files an audit leaves behind, and what they say."""

    report: Path
    findings: Path
    suite: Path
    content: FindingsFile


def write_outputs(
    folder: Path,
    ledger: Ledger,
    settings: AuditSettings,
    stopped_by: str,
    world: World | None,
    known: Sequence[Failure],
    finished: str | None = None,
) -> Outputs:
    """Write everything an audit leaves behind from its ledger; each file is whole or not there.

    Args:
        folder: the audit's folder.
        ledger: the evidence.
        settings: what determined the audit.
        stopped_by: why it ended.
        world: where pictures come from; without one, those drawn earlier are used.
        known: what the failure memory held when the audit began.
        finished: when the audit ended, ISO 8601; now, when not given.

    Raises:
        AuditError: the folder cannot be written to.
    """
    content = assemble(ledger, settings, stopped_by, finished or datetime.now(UTC).isoformat(timespec="seconds"))
    tried = combined(inquiries(ledger))
    outputs = Outputs(folder / REPORT, folder / FINDINGS, folder / SUITE, content)
    write_atomically(outputs.findings, content.model_dump_json(by_alias=True, indent=2).encode() + b"\n")
    write_atomically(outputs.suite, to_jsonl(_suite(tried, settings, world, ledger)).encode())
    pictures = illustrate(shown_texts(tried), world.illustrator if world else None, ledger, folder)
    painted = painted_pictures([*shown_images(content), *changed_images(content)], folder)
    html = render(content, tried, settings, pictures, known, painted)
    write_atomically(outputs.report, html.encode())
    return outputs


def render(
    content: FindingsFile,
    tried: Sequence[Inquiry],
    settings: AuditSettings,
    pictures: dict[str, bytes],
    known: Sequence[Failure],
    painted: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the report as one HTML document.

    Args:
        content: the findings.
        tried: the inquiries behind them, in the same order.
        settings: what determined the audit.
        pictures: PNG by text, for texts shown.
        known: what the failure memory held when the audit began.
        painted: addresses of painted pictures by hash.
    """
    from markupsafe import Markup

    scored = [f for f in content.findings if f.probes.rate is not None or f.control.rate is not None]
    charts = [(shape.name, Markup(rates_chart(scored, shape))) for shape in (WIDE, NARROW)] if scored else []
    curve = content.search.curve if content.search else ()
    curves = (
        [(shape.name, Markup(found_chart(curve, shape))) for shape in (WIDE, NARROW)] if len(curve) >= FEWEST else []
    )
    return page_template().render(
        page=page(content, tried, settings, pictures, known, painted),
        charts=charts,
        curves=curves,
        style=page_style(),
        words=words,
    )


def _suite(
    tried: Sequence[Inquiry], settings: AuditSettings, world: World | None, ledger: Ledger
) -> Sequence[SuiteCase]:
    rewriter = world.rewriter if world else TemplateRewriter()
    return suite(tried, settings, rewriter, ledger.all(EyesCalibration))


def page_style() -> "Markup":
    """Return the style sheet that all pages share."""
    from markupsafe import Markup

    return Markup(files("faultfinder.agent.report").joinpath("report.css").read_text(encoding="utf-8"))


def page_template(name: str = "report.html.j2", package: str = "faultfinder.agent.report") -> "Template":
    """Return the template of a page, from the package that it lies in; whatever it is given is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: files(package).joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(name)
