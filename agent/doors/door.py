"""What another program may do here: audit within limits, read what audits left, ask a model how near two texts are.

The owner's rules bound it all: one folder of audits, the models and corpora that were allowed, a wall for every audit.
How a caller reaches it (MCP, say) is no concern of this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faultfinder.agent.assembly import open_memory
from faultfinder.agent.chat.chatting import open_chat
from faultfinder.agent.doors.options import ChangeOptions
from faultfinder.agent.doors.records import Answer, Checked, Compared, Comparison, FailureList, TargetList
from faultfinder.agent.doors.runs import Run, Runs
from faultfinder.agent.doors.shelf import Shelf
from faultfinder.agent.events import silent
from faultfinder.agent.folder.names import CORPUS, claim
from faultfinder.agent.given import Given
from faultfinder.agent.measuring import pair_similarities
from faultfinder.agent.report.rewriting import ledger_of, settings_of
from faultfinder.agent.running.at_terminal import new_audit
from faultfinder.agent.running.audits import Audit
from faultfinder.agent.suites.files import read_suites
from faultfinder.agent.suites.replaying import Conditions
from faultfinder.agent.suites.runs import checked
from faultfinder.memory.errors import CorpusError, OptionError, SpecError, SuiteError
from faultfinder.memory.records import AuditSettings, Limits, TextPair
from faultfinder.tools.calibration import Agreement, agrees
from faultfinder.tools.embedding import CachedEncoder, identity_of
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge
from faultfinder.tools.registry import open_encoder, targets, world_of
from faultfinder.tools.rewording import TemplateRewriter

LAB = "lab"
UNCHANGED = ChangeOptions()
MOST_PAIRS, MOST_FAILURES, MOST_TEXTS = 100, 50, 20_000


@dataclass(frozen=True)
class Rules:
    """What the owner of this machine allows.

    Attributes:
        out: The folder of audits; nothing outside it is read.
        limits: A wall for every audit.
        targets: Specs that may be audited, beside the lab's.
        corpora: Corpora that may be named, beside the lab's.
        inputs: Inputs to be changed that may be named, beside the lab's.
        pictures: Folders of pictures that may be named.
        label_maps: Label maps that may be named.
        memory: Folder or URL of the failure memory.
        reference: Spec of the reference of every audit.
        llm: Who proposes.
        llm_url: Base URL of a compatible server.
    """

    out: Path
    limits: Limits
    targets: tuple[str, ...] = ()
    corpora: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    label_maps: tuple[str, ...] = ()
    memory: str | None = None
    reference: str | None = None
    llm: str = "offline"
    llm_url: str | None = None


class Door:
    """All that a caller may do."""

    def __init__(self, rules: Rules) -> None:
        """Open it under the owner's rules."""
        self.rules = rules
        self.runs = Runs()
        self.shelf = Shelf(rules.out, self.runs)
        self._encoders: dict[str, CachedEncoder] = {}

    def begin(
        self,
        goal: str,
        target: str,
        corpus: str | Sequence[str],
        seed: int,
        name: str | None,
        limits: Limits,
        changes: ChangeOptions = UNCHANGED,
    ) -> Run:
        """Begin an audit in the background.

        Args:
            goal: what worries the caller.
            target: spec of the model.
            corpus: one that is allowed, or texts.
            seed: of every random choice.
            name: of the audit; None makes one from the goal.
            limits: what it may spend; where they are wider than the owner's, the owner's hold.
            changes: which inputs are changed, how, and who explores.

        Raises:
            FaultfinderError: something is not allowed, or another audit is running.
        """
        if not goal.strip():
            raise OptionError("goal is empty: say what worries you, in a sentence")
        self._allow_target(target)
        self._allow_files(changes)
        texts = None if isinstance(corpus, str) else tuple(corpus)
        if isinstance(corpus, str):
            self._allow_corpus(corpus)
        elif len(corpus) > MOST_TEXTS:
            raise CorpusError(f"{len(corpus):,} texts are more than the {MOST_TEXTS:,} that are taken here")
        chosen = claim(goal, name, self.rules.out, fresh=False).name
        folder, given = self.rules.out / chosen, Given(corpus=texts)
        settings = AuditSettings(
            name=chosen,
            goal=goal,
            target=target,
            reference=self.rules.reference,
            corpus=corpus if isinstance(corpus, str) else str((folder / CORPUS).resolve()),
            llm=self.rules.llm,
            llm_url=self.rules.llm_url,
            seed=seed,
            limits=self._walled(limits),
            memory=self.rules.memory,
            **changes.model_dump(),
        )

        def work(run: Run) -> None:
            with new_audit(settings, folder, run.hear, given) as audit:
                run.follow(audit)

        return self.runs.begin(Run(chosen, settings.limits), work)

    def resume(self, name: str, limits: Limits) -> Run:
        """Go on with an audit in the background. What it spent before counts.

        Raises:
            FaultfinderError: there is no such audit, its target is not allowed, or another audit is running.
        """
        folder = self.shelf.folder(name)
        with ledger_of(folder) as ledger:
            settings = settings_of(ledger, folder)
        self._allow_target(settings.target)
        walls = self._walled(limits)

        def work(run: Run) -> None:
            with Audit.open(folder, run.hear, walls) as audit:
                run.follow(audit)

        return self.runs.begin(Run(name, walls), work)

    def failures(self, query: str | None, most: int) -> FailureList:
        """Search the failure memory, or list it where there is no question."""
        if not 1 <= most <= MOST_FAILURES:
            raise OptionError(f"most is from 1 to {MOST_FAILURES}")
        with open_memory(self.rules.memory, self.rules.reference) as memory:
            if query is None or not query.strip():
                return FailureList(failures=tuple(memory.all()[:most]))
            return FailureList(failures=tuple(known.failure for known in memory.search(query, most)))

    def targets(self) -> TargetList:
        """Say what can be audited here."""
        return TargetList(
            allowed=(f"{LAB}:NAME", *self.rules.targets),
            corpora=(LAB, *self.rules.corpora),
            inputs=(LAB, *self.rules.inputs),
            pictures=self.rules.pictures,
            label_maps=self.rules.label_maps,
            kinds=tuple(targets()),
        )

    def compare(self, target: str, pairs: Sequence[TextPair]) -> Comparison:
        """Measure how near a model places the two texts of each pair, and whether it takes them for rewordings.

        Raises:
            SpecError: the target is not allowed, or embeds no texts.
            OptionError: there are too many pairs, or an empty text.
        """
        self._allow_target(target)
        if not 1 <= len(pairs) <= MOST_PAIRS or not all(pair.a.strip() and pair.b.strip() for pair in pairs):
            raise OptionError(f"give from 1 to {MOST_PAIRS} pairs of texts that are not empty")
        encoder, world = self._encoder(target), world_of(target)
        bars = Agreement(encoder, world.rewriter if world else TemplateRewriter()).bars([pair.a for pair in pairs])
        judge = world.judge if world else LexiconJudge(Lexicon.load())
        similarities = pair_similarities(encoder, pairs)
        rows = zip(pairs, similarities, bars, agrees(similarities, bars), judge.judge(pairs), strict=True)
        return Comparison(
            target=target,
            pairs=tuple(
                Compared(
                    a=pair.a,
                    b=pair.b,
                    similarity=round(float(similarity), 4),
                    bar=round(float(bar), 4),
                    agrees=bool(agreed),
                    meaning=judged.meaning,
                    reason=judged.reason,
                )
                for pair, similarity, bar, agreed, judged in rows
            ),
        )

    def chat(self, name: str, question: str) -> Answer:
        """Answer a question about an audit, with a real experiment where it takes one, within the owner's limits.

        Raises:
            FaultfinderError: there is no such audit, it is running, or its target is not allowed.
        """
        folder = self.shelf.folder(name)
        with ledger_of(folder) as ledger:
            self._allow_target(settings_of(ledger, folder).target)
        if not question.strip():
            raise OptionError("the question is empty: ask what failed, how sure that is, whether it holds for ...")
        rules = self.rules
        with open_chat(folder, silent, rules.limits, rules.llm, rules.llm_url, may_begin=False) as chat:
            return Answer.of(chat.ask(question))

    def check(self, name: str, target: str) -> Checked:
        """Replay the proven failures of an audit of an encoder on a model.

        Raises:
            FaultfinderError: there is no such audit, it proved nothing or paints, or the model is not allowed.
        """
        self._allow_target(target)
        suite = read_suites([self.shelf.suite(name)])
        if suite.paints:
            raise SuiteError(
                f"the failures of {name} are a generator's, and pictures cost: the owner of this server asks for them, "
                f"with `faultfinder check {name} --target {target[:200]}`"
            )
        how = Conditions(limits=self.rules.limits)
        return Checked.of(name, checked(suite, target, how, silent))

    def close(self) -> None:
        """Stop in order what is running."""
        self.runs.close()

    def _encoder(self, target: str) -> CachedEncoder:
        if target not in self._encoders:
            opened = open_encoder(target)
            self._encoders[target] = CachedEncoder(opened, identity_of(opened, target) or target)
        return self._encoders[target]

    def _allow_target(self, spec: str) -> None:
        if not spec.startswith(f"{LAB}:") and spec not in self.rules.targets:
            allowed = ", ".join((f"{LAB}:NAME", *self.rules.targets))
            raise SpecError(f"{spec[:200]!r} is not allowed on this server; its owner allows {allowed} (--target)")

    def _allow_corpus(self, spec: str) -> None:
        _allow(spec, (LAB, *self.rules.corpora), "(--corpus), or give texts")

    def _allow_files(self, changes: ChangeOptions) -> None:
        """Refuse files and folders that the owner has not named."""
        inputs = changes.inputs
        named = [inputs] if inputs is None or inputs in self.rules.inputs else inputs.split(",")
        for part in named:
            _allow(part.strip() if part else None, (LAB, *self.rules.inputs), "(--inputs)")
        _allow(changes.pictures, self.rules.pictures, "(--pictures)")
        _allow(changes.label_map, self.rules.label_maps, "(--label-map)")

    def _walled(self, limits: Limits) -> Limits:
        """Return the narrower of each limit asked for and the owner's."""
        asked, owned = limits.model_dump(), self.rules.limits.model_dump()
        both = {name: [one for one in (asked[name], owned[name]) if one is not None] for name in owned}
        return Limits(**{name: min(given) if given else None for name, given in both.items()})


def _allow(spec: str | None, allowed: Sequence[str], how: str) -> None:
    """Refuse what the owner of this machine has not named.

    Args:
        spec: what a caller names; None where it names nothing.
        allowed: what may be named.
        how: the owner's option that allows it, for the message.
    """
    if spec is not None and spec not in allowed:
        named = ", ".join(allowed) or "none"
        raise CorpusError(f"{spec[:200]!r} is not allowed on this server; its owner allows {named} {how}")
