"""The tools the scout may call. Their docstrings are written for the model that calls them.

A tool's result is a short JSON text; what it finds goes to the ledger under its ids. `ToolError` is told to the caller
(`tool_calls`), every other error to the person. What makes sense for an encoder or a generator only is in other files.
"""

from collections.abc import Callable

from langchain_core.tools import BaseTool, StructuredTool

from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.explore.map_tools import MapTools
from faultfinder.agent.landscape.landscape_tools import LandscapeTools
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.scout.encoder_tools import EncoderTools
from faultfinder.agent.scout.painter_tools import PainterTools
from faultfinder.agent.scout.people_tools import PeopleTools
from faultfinder.agent.scout.picture_tools import PictureTools
from faultfinder.memory.errors import ToolError
from faultfinder.memory.records import Record


class Recalled(Record):
    """A failure the memory holds."""

    id: str
    target: str
    title: str
    description: str
    rate: float


class Recollection(Record):
    """What the failure memory holds about a question."""

    failures: tuple[Recalled, ...]


class Toolbox:
    """The scout's tools over one audit."""

    def __init__(self, context: AuditContext) -> None:
        """Bind the tools to an audit."""
        self._context = context
        self._own = _own_tools(context)

    def tools(self) -> list[BaseTool]:
        """Return the tools in the form the graph and a chat model understand."""
        functions = (*self._own, self.recall_failures)
        return [StructuredTool.from_function(function, parse_docstring=False) for function in functions]

    def recall_failures(self, query: str, k: int = 5) -> str:
        """Search the memory of failures confirmed in earlier audits, of this and other targets. `k`: at most 20."""
        if not query.strip() or not 1 <= k <= 20:
            raise ToolError("give a question, and k from 1 to 20")
        found = [known.failure for known in self._context.memory.search(query, k) if known.failure.stands]
        recalled = tuple(
            Recalled(id=f.id, target=f.target, title=f.title, description=f.description, rate=f.rate) for f in found
        )
        return Recollection(failures=recalled).model_dump_json()


def _own_tools(context: AuditContext) -> list[Callable[..., str]]:
    """Return the tools that this audit's kind of target and policy allow."""
    functions: list[Callable[..., str]] = []
    if isinstance(context.subject, Encoded):
        encoder = EncoderTools(context, context.subject)
        functions += [encoder.find_agreements, encoder.scan_edits, encoder.nearest_neighbours, encoder.compare_texts]
        if context.explores:
            charted = MapTools(context, context.subject)
            functions += [charted.survey_map, charted.scan_area]
    if isinstance(context.subject, Studio):
        functions.append(PainterTools(context, context.subject).scan_prompts)
    if context.terrain is not None:
        functions.append(LandscapeTools(context, context.terrain).explore_landscape)
    studio = context.subject if isinstance(context.subject, Studio) else context.downstream
    if studio is not None:
        functions.append(PictureTools(context, studio).generate_images)
    if context.settings.people != "none":
        functions.append(PeopleTools(context).ask_people)
    return functions
