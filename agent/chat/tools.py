"""What a chat can do to answer: look into the evidence, measure, try, ask the memory, begin anew.

The docstrings are written for the model that calls them; the offline answerer calls the same tools. Results are short
JSON texts with the ids to cite. `ToolError` is told to the caller, every other error to the person.
"""

from collections.abc import Callable, Sequence
from functools import wraps

from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from pydantic import Field, ValidationError

from faultfinder.agent.chat.answers import (
    CasesFound,
    FindingsListed,
    case_found,
    finding_row,
    finding_shown,
)
from faultfinder.agent.chat.comparing import compare_with
from faultfinder.agent.chat.evidence import Evidence, LookUp, keep_look_up
from faultfinder.agent.chat.experiments import Experiments
from faultfinder.agent.chat.facts import AuditSummary, summarize
from faultfinder.agent.chat.landscapes import look_at
from faultfinder.agent.chat.memory import Remembered, remembered
from faultfinder.agent.chat.workplace import Workplace
from faultfinder.agent.context import Encoded
from faultfinder.agent.inquiries import Inquiry
from faultfinder.agent.pictures.drawing import Illustration, illustrate
from faultfinder.agent.pictures.files import picture_path, sha256
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.report.words import stopped
from faultfinder.agent.scout.encoder_tools import EncoderTools, Example, Neighbourhood
from faultfinder.agent.scout.picture_tools import PaintedPictures, PictureTools
from faultfinder.memory.errors import BudgetSpent, FaultfinderError, ToolError
from faultfinder.memory.landscape_records import Exploration
from faultfinder.memory.records import Outcome, Record, Role

MOST_CASES = 20


SPENT = "{reason}; a higher limit can be given with the question (faultfinder chat --help)"


class Refused(Record):
    """What a tool would not or could not do."""

    refused: str = Field(description="why, and what would help")


class Kept(Record):
    """A tool's answer with the id to cite it by."""

    cite: str
    result: str


class ChatTools:
    """The tools of one chat."""

    def __init__(self, workplace: Workplace, *, may_begin: bool = True) -> None:
        """Bind to an audit; its models are opened when a tool first needs them.

        Args:
            workplace: the audit.
            may_begin: whether another audit may be begun where a question asks for one.
        """
        self._workplace = workplace
        self._may_begin = may_begin
        self.question = ""
        """The question under way; experiments are kept under it."""
        self._told_figures: list[AuditSummary] = []

    def begin(self, question: str, said: Sequence[ToolMessage]) -> None:
        """Begin with a question; `said` is what tools have said to it already, where a killed sitting was at it."""
        self.question = question
        told = (message.text for message in said if message.name == self.audit_facts.__name__)
        self._told_figures = [AuditSummary.model_validate_json(text) for text in told if text.startswith("{")]

    def tools(self) -> list[BaseTool]:
        """Return the tools in the form the graph and a chat model understand."""
        functions: tuple[Callable[..., str], ...] = (
            self.list_findings,
            self.show_finding,
            self.find_cases,
            self.show_pictures,
            self.audit_facts,
            self.test_restriction,
            self.test_hypothesis,
            self.queue_hypothesis,
            self.compare_texts,
            self.nearest_neighbours,
            self.generate_images,
            self.recall_failures,
            self.compare_audits,
            self.start_audit,
            *([self.look_at_landscape] if self._workplace.ledger.all(Exploration) else []),
        )
        return [StructuredTool.from_function(self._told(function), parse_docstring=False) for function in functions]

    def list_findings(self) -> str:
        """List every hypothesis of the audit with its verdict and counts, and the experiments asked for in chats.

        Cite one by its id, such as [h3] or [q1]. Begin with this tool.
        """
        evidence = self._evidence
        return FindingsListed(
            findings=tuple(finding_row(each) for each in evidence.own),
            asked=tuple(finding_row(each) for each in evidence.asked),
        ).model_dump_json()

    def show_finding(self, finding: str, cases: int = 3) -> str:
        """Show one finding by its id: what it says, counts of all outcomes, intervals, p, alpha, and example cases.

        `cases`: how many of each kind to show (failing and passing probes, controls), at most 20.
        """
        return finding_shown(self._inquiry(finding), min(max(cases, 1), MOST_CASES)).model_dump_json()

    def find_cases(
        self, finding: str = "", words: str = "", outcome: str = "", role: str = "", case: str = "", most: int = 8
    ) -> str:
        """Find cases by finding, words in their texts, outcome (fail, pass, invalid, unscorable, error), role or id.

        Empty arguments do not restrict. Cite a case by its id, such as [h3-p07].
        """
        wanted_outcome, wanted_role = _named(Outcome, outcome), _named(Role, role)
        sought = words.lower().split()
        found = [
            tried
            for tried in self._evidence.cases.values()
            if (not finding or tried.case.hypothesis == finding)
            and (not case or tried.case.id == case)
            and wanted_outcome in (None, tried.seen.outcome)
            and wanted_role in (None, tried.case.role)
            and all(word in f"{tried.case.a} {tried.case.b}".lower().split() for word in sought)
        ]
        shown = tuple(case_found(tried) for tried in found[: min(max(most, 1), MOST_CASES)])
        return CasesFound(matching=len(found), cases=shown).model_dump_json()

    def show_pictures(self, case: str) -> str:
        """Show where the pictures of a case's two texts lie: painted by the model, or drawn where the corpus can be."""
        tried = self._evidence.cases.get(case)
        if tried is None:
            raise ToolError(f"there is no case {case}")
        return case_found(tried).model_copy(update={"pictures": self._pictures(case)}).model_dump_json()

    def audit_facts(self) -> str:
        """Say what the audit cost, what it looked at and what not, how it judged, why it ended. Cite it as [audit]."""
        told = summarize(self._evidence, self._workplace.corpus)
        self._told_figures.append(told)
        return told.model_dump_json()

    def test_restriction(self, finding: str, restriction: str) -> str:
        """Test whether a finding holds for a part of its inputs, such as "stars" or "rings on a grey background".

        A real experiment on fresh inputs under the audit's own statistics: it spends a share of the error budget and
        counts as a hypothesis. What was tested before is not tested again. Cite the result by its id.
        """
        inquiry = self._experiments.restricted(self._inquiry(finding), restriction, self.question)
        return finding_shown(inquiry, 3).model_dump_json()

    def test_hypothesis(self, title: str, description: str, words: Sequence[str] = ()) -> str:
        """Test a new hypothesis at once, on fresh inputs under the audit's own statistics.

        `description`: a falsifiable sentence: which inputs the model treats as the same although they differ.
        `words`: where it is about words exchanged for one another, those words.
        """
        inquiry = self._experiments.new(title, description, tuple(words), self.question)
        return finding_shown(inquiry, 3).model_dump_json()

    def queue_hypothesis(self, title: str, description: str, words: Sequence[str] = ()) -> str:
        """Put a hypothesis on the audit's waiting list; `faultfinder resume` tests it before anything else.

        Arguments as for test_hypothesis.
        """
        queued = self._experiments.queue(title, description, tuple(words))
        return self._keep("queue_hypothesis", {"title": title}, queued)

    def compare_texts(self, a: str, b: str) -> str:
        """Measure how near the target places two texts, and whether it takes them for rewordings of each other."""
        answer = Example.model_validate_json(self._encoder().compare_texts(a, b))
        return self._keep("compare_texts", {"a": a, "b": b}, answer)

    def nearest_neighbours(self, text: str, k: int = 5) -> str:
        """Show the corpus texts nearest to `text` in the target's eyes. `k`: how many, at most 50."""
        answer = Neighbourhood.model_validate_json(self._encoder().nearest_neighbours(text, k))
        return self._keep("nearest_neighbours", {"text": text, "k": k}, answer)

    def generate_images(self, a: str, b: str = "") -> str:
        """Have a prompt painted, or two with the same seed, and learn what the judge of pictures sees in them.

        Only where the audit has a generator; each picture counts against the budget.
        """
        context = self._workplace.context
        studio = context.subject if isinstance(context.subject, Studio) else context.downstream
        if studio is None:
            raise ToolError("this audit has no generator: its target is an encoder, and none was named as --downstream")
        answer = PaintedPictures.model_validate_json(PictureTools(context, studio).generate_images(a, b))
        return self._keep("generate_images", {"a": a, "b": b}, answer)

    def recall_failures(self, query: str = "", k: int = 10) -> str:
        """Recall failures that earlier audits proved: of this target, or, with a query, of any, nearest first."""
        if not 1 <= k <= 20:
            raise ToolError("k must be from 1 to 20")
        found: Remembered = remembered(self._workplace, self._evidence, query.strip(), k)
        return self._keep("recall_failures", {"query": query, "k": k}, found)

    def compare_audits(self, name: str = "") -> str:
        """Compare with an earlier audit by its name; without one, with the last before this one of the same target."""
        compared = compare_with(self._evidence, name)
        return self._keep("compare_audits", {"name": name}, compared)

    def look_at_landscape(self, about: str = "") -> str:
        """Look up how often the target fails by what is done to its inputs, as the explorer of this audit saw it.

        `about`: levels, factors or classes in plain words, such as "5 times the brightness", "blur" or "dog"; empty for
        the worst and the best, and all classes. These figures suggested the hypotheses; they prove nothing.
        """
        explored = self._workplace.ledger.all(Exploration)
        return self._keep("look_at_landscape", {"about": about}, look_at(explored[-1], about))

    def start_audit(self, goal: str, target: str = "") -> str:
        """Start another audit with this one's settings and limits, of another goal or target, and wait for its end.

        Only where the person asks for another audit, and only of a target that they name (or of this one).
        """
        self._require_wish(target)
        try:
            begun = self._workplace.another(goal, target)
        except ValidationError as error:
            raise ToolError(f"those settings cannot be: {error.errors()[0]['msg']}") from error
        except FaultfinderError as error:
            raise ToolError(str(error)) from error
        return self._keep("start_audit", {"goal": goal, "target": target}, begun)

    def figures(self) -> tuple[AuditSummary, ...]:
        """Return the audit's own figures: as they stand now, and as this question was told them."""
        return (summarize(self._evidence, self._workplace.corpus), *self._told_figures)

    @property
    def _evidence(self) -> Evidence:
        return self._workplace.evidence()

    @property
    def _experiments(self) -> Experiments:
        return Experiments(self._workplace)

    def _inquiry(self, key: str) -> Inquiry:
        found = self._evidence.by_id.get(key.strip("[] "))
        if found is None:
            raise ToolError(f"there is no finding {key}; there are {', '.join(self._evidence.by_id) or 'none'}")
        return found

    def _require_wish(self, target: str) -> None:
        """Refuse an audit that nobody asked for: a target can be a program to import, or a service that costs.

        Raises:
            ToolError: none may be begun here, or the question speaks of no audit, or does not name the target.
        """
        if not self._may_begin:
            raise ToolError("no other audit is begun from this chat; begin it where audits are begun")
        own = target in ("", self._workplace.kept.target)
        if "audit" not in self.question.lower() or not (own or target in self.question):
            raise ToolError("another audit is begun only where the person asks for one, and names its target")

    def _encoder(self) -> EncoderTools:
        context = self._workplace.context
        if not isinstance(context.subject, Encoded):
            raise ToolError("the target is no encoder: it places no texts")
        return EncoderTools(context, context.subject)

    def _pictures(self, case: str) -> tuple[str, ...]:
        tried, workplace = self._evidence.cases[case], self._workplace
        painted = workplace.painted(case)
        if painted:
            return painted
        world = workplace.corpus.world if workplace.corpus else None
        texts = (tried.case.a, tried.case.b)
        illustrate(texts, world.illustrator if world else None, workplace.ledger, workplace.folder)
        kept = [workplace.ledger.get(Illustration, sha256(text.encode())) for text in texts]
        return tuple(str(picture_path(workplace.folder, each.image)) for each in kept if each)

    def _told(self, function: Callable[..., str]) -> Callable[..., str]:
        """Return the tool with its refusals, and limits that it meets, as answers that can be cited."""

        @wraps(function)
        def run(**kwargs: object) -> str:
            try:
                return function(**kwargs)
            except ToolError as error:
                return self._keep(function.__name__, kwargs, Refused(refused=str(error)))
            except BudgetSpent as spent:
                return self._keep(
                    function.__name__, kwargs, Refused(refused=SPENT.format(reason=stopped(spent.reason)))
                )

        return run

    def _keep(self, tool: str, args: dict[str, object], result: Record) -> str:
        kept: LookUp = keep_look_up(self._workplace.ledger, tool, args, result)
        return Kept(cite=kept.id, result=kept.result).model_dump_json()


def _named(kind: type[Outcome] | type[Role], value: str) -> Outcome | Role | None:
    if not value:
        return None
    try:
        return kind(value.lower())
    except ValueError as error:
        raise ToolError(f"{value!r} is none of {', '.join(kind)}") from error
