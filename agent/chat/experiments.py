"""Experiments that people ask for: the audit's own way of testing, nothing less.

Fresh inputs, validity judged first, the verdict by `judge`, a share of the same error budget, the same walls. They are
kept apart from the audit's own hypotheses by the question they answer. What was tested before is not tested again, so
a question asked twice, or after a kill, costs nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from faultfinder.agent.assembly import OFFLINE
from faultfinder.agent.chat.workplace import Workplace
from faultfinder.agent.context import AuditContext
from faultfinder.agent.events import EventKind, Standing
from faultfinder.agent.inquiries import Inquiry
from faultfinder.agent.offline.changed import propose as region_of
from faultfinder.agent.offline.strategist import OfflineStrategist
from faultfinder.agent.restricting import (
    DENIALS,
    Within,
    is_alike,
    is_within_bounds,
    restriction,
    say_within,
    speaks_of,
    spelt,
)
from faultfinder.agent.state import AuditState
from faultfinder.agent.trials import Trials
from faultfinder.memory.errors import BudgetSpent, ToolError
from faultfinder.memory.records import EditKind, Hypothesis, Rule, Waitlisted
from faultfinder.memory.regions import Region
from faultfinder.tools.edits import Sentence
from faultfinder.tools.lexicon import Lexicon

FEWEST = 4
"""Unused sentences that must speak of a restriction; with fewer no experiment is worth a share of the error budget."""

_LONGEST = 500


class Experiments:
    """Runs what people ask for."""

    def __init__(self, workplace: Workplace) -> None:
        """Bind to an audit."""
        self._workplace = workplace

    def restricted(self, inquiry: Inquiry, asked: str, question: str) -> Inquiry:
        """Test a hypothesis on a part of its inputs.

        Raises:
            ToolError: the restriction cannot be made, or the corpus has no fresh sentence for it.
            BudgetSpent: a limit is reached.
        """
        if inquiry.hypothesis.region is not None:
            return self._restricted_region(inquiry.hypothesis, inquiry.hypothesis.region, asked, question)
        evidence = self._workplace.evidence()
        within = (*inquiry.hypothesis.within, *self._within(asked))
        # A restriction of a restriction is one of what that restricts, by both.
        origin = evidence.by_id.get(inquiry.hypothesis.parent or "") if inquiry.hypothesis.within else None
        parent = (origin or inquiry).hypothesis
        for known in evidence.asked:
            if known.hypothesis.parent == parent.id and is_alike(known.hypothesis.within, within) and known.verdict:
                return known
        wanted = Hypothesis(
            id=self._next_id(),
            title=f"{parent.title}, for {say_within(within)}",
            description=f"{parent.description} This holds of texts that speak of {say_within(within)}.",
            parent=parent.id,
            rule=parent.rule,
            within=within,
            asked=question or asked,
        )
        self._require_fresh(wanted, asked)
        return self._test(wanted)

    def _restricted_region(self, parent: Hypothesis, region: Region, asked: str, question: str) -> Inquiry:
        """Test a hypothesis about changed inputs on inputs of some classes or topics.

        Raises:
            ToolError: no class or topic is what was asked for.
            BudgetSpent: a limit is reached.
        """
        terrain = self._workplace.context.the_terrain
        every = sorted({terrain.task.examples[number].topic for number in terrain.proving})
        within = self._within(asked, every)
        topics = tuple(
            topic for topic in every if speaks_of(Hypothesis(id="", title="", description="", within=within), topic)
        )
        if region.topics:
            topics = tuple(topic for topic in topics if topic in region.topics)
        if not topics:
            raise ToolError(f"no inputs are of {asked!r}; there are {', '.join(every[:12])} and {len(every)} in all")
        narrowed = region.model_copy(update={"topics": topics})
        for known in self._workplace.evidence().asked:
            if known.hypothesis.region == narrowed and known.verdict:
                return known
        idea = region_of(narrowed)
        return self._test(
            Hypothesis(
                id=self._next_id(),
                title=idea.title,
                description=idea.description,
                parent=parent.id,
                region=narrowed,
                asked=question or asked,
            )
        )

    def new(self, title: str, description: str, words: tuple[str, ...], question: str) -> Inquiry:
        """Test a new hypothesis.

        Raises:
            ToolError: it cannot be acted on.
            BudgetSpent: a limit is reached.
        """
        self._require_words()
        rule = self._rule(title, description, words, self._workplace.settings.llm)
        for known in self._workplace.evidence().by_id.values():
            same = known.hypothesis.rule == rule if rule else known.hypothesis.description == description
            if same and not known.hypothesis.within and known.verdict:
                return known
        return self._test(
            Hypothesis(id=self._next_id(), title=title, description=description, rule=rule, asked=question or title)
        )

    def queue(self, title: str, description: str, words: tuple[str, ...]) -> Waitlisted:
        """Put a hypothesis on the audit's waiting list.

        Raises:
            ToolError: it could not be acted on when its turn comes.
        """
        self._require_words()
        rule = self._rule(title, description, words, self._workplace.kept.llm)
        before = self._workplace.ledger.all(Waitlisted)
        for known in before:
            if (known.rule, known.description) == (rule, description):
                return known
        queued = Waitlisted(id=f"w{len(before) + 1}", title=title, description=description, rule=rule)
        self._workplace.ledger.save([queued])
        return queued

    def _require_words(self) -> None:
        """Refuse hypotheses about texts where the target is asked about changed inputs only.

        Raises:
            ToolError: it is.
        """
        if not self._workplace.context.takes_words:
            raise ToolError(
                "this audit asks its target about changed inputs, not about pairs of texts; a finding can be tested "
                "for some classes ('does it hold for dogs?'), and other changes by an audit with other --actions"
            )

    def _test(self, hypothesis: Hypothesis) -> Inquiry:
        """Write the experiment down, measure it, judge it: each step goes on where a killed one stopped."""
        context = self._workplace.context
        hypothesis = self._begun(hypothesis, context)
        trials = Trials(self._own_way(hypothesis, context))
        state: AuditState = {"testing": [hypothesis.id], "inconclusive": []}
        if self._workplace.evidence().by_id[hypothesis.id].untested:
            state |= trials.experiment(state)
        if not state["testing"]:
            raise ToolError(
                f"no fresh case could be written for {hypothesis.id} ({hypothesis.title}): it is not tested"
            )
        waiting = trials.measure(state).get("waiting", 0)
        if waiting:
            raise ToolError(f"{waiting} questions wait for people: faultfinder review {context.settings.name}")
        trials.judge(state)
        return self._workplace.evidence().by_id[hypothesis.id]

    def _own_way(self, hypothesis: Hypothesis, context: AuditContext) -> AuditContext:
        """Let the rules of an audit without a model write and judge their own cases, whoever answers in the chat."""
        if hypothesis.rule is None or self._workplace.kept.llm != OFFLINE or context.settings.llm == OFFLINE:
            return context
        offline = OfflineStrategist(context.corpus, Lexicon.load(), context.settings.seed)
        return replace(context, strategist=offline, judge=context.mining_judge)

    def _begun(self, wanted: Hypothesis, context: AuditContext) -> Hypothesis:
        """Return the hypothesis as it was born, before a kill or now.

        Raises:
            BudgetSpent: no hypothesis, or no minute, is left.
        """
        content = {"parent", "rule", "within", "region", "description"}
        for known in context.ledger.all(Hypothesis):
            if known.asked is not None and known.model_dump(include=content) == wanted.model_dump(include=content):
                return known
        context.budget.check()
        own = sum(known.asked is None for known in context.ledger.all(Hypothesis))
        if not context.budget.hypotheses_left(1, own):
            raise BudgetSpent("max_hypotheses")
        context.ledger.save([wanted])
        told = f"{wanted.id} (asked for): {wanted.title}"
        context.tell_standing(EventKind.HYPOTHESIS, told, Standing.of(wanted))
        return wanted

    def _within(self, asked: str, texts: Sequence[str] | None = None) -> Within:
        if DENIALS & set(Sentence(asked).words):
            raise ToolError(f"a restriction that excludes something ({asked!r}) cannot be made from words")
        known = self._workplace.texts if texts is None else texts
        vocabulary = dict.fromkeys(word for text in known for word in Sentence(text).words)
        within = restriction(spelt(asked, vocabulary, Lexicon.load()), vocabulary, Lexicon.load())
        if not within:
            raise ToolError(f"{asked!r} names no part of the inputs; name what the texts should speak of")
        return within

    def _require_fresh(self, wanted: Hypothesis, asked: str) -> None:
        """Refuse a restriction that the corpus has no unused sentences for.

        Raises:
            ToolError: it has none, or too few.
        """
        texts, spent = self._workplace.texts, self._workplace.ledger.spent_texts()
        speaking = [text for text in texts if is_within_bounds(wanted, text, text)]
        fresh = sum(text not in spent for text in speaking)
        if not speaking:
            raise ToolError(
                f"no text of the corpus {self._workplace.settings.corpus} speaks of {say_within(wanted.within)}, so "
                f"{asked!r} could not be tested; a corpus that does is given to a new audit with --corpus"
            )
        if fresh < FEWEST:
            raise ToolError(
                f"{len(speaking)} texts of the corpus speak of {say_within(wanted.within)}, {fresh} of them unused: "
                "too few for an experiment on fresh inputs"
            )

    def _rule(self, title: str, description: str, words: tuple[str, ...], actor: str) -> Rule | None:
        """Return the rule of a hypothesis about exchanged words; None leaves it to a chat model to act on.

        Args:
            title: in a few words.
            description: the falsifiable sentence.
            words: those exchanged for one another, where it is about words.
            actor: who will write its cases: 'offline' or a chat model's spec.

        Raises:
            ToolError: nobody here could act on it.
        """
        if not title.strip() or not description.strip() or len(title) + len(description) > 2 * _LONGEST:
            raise ToolError(f"give a title and a description, of at most {_LONGEST} characters each")
        chosen = tuple(sorted({word.lower() for word in words}))
        if not chosen and actor != OFFLINE:
            return None
        known = {word for text in self._workplace.texts for word in Sentence(text).words}
        missing = [word for word in chosen if word not in known]
        if len(chosen) < 2 or missing:
            named = f"; the corpus has no {', '.join(map(repr, missing))}" if missing else ""
            raise ToolError(f"without a chat model two or more words of the corpus are needed{named}")
        return Rule(kind=EditKind.EXCHANGE, words=chosen)

    def _next_id(self) -> str:
        asked = sum(known.asked is not None for known in self._workplace.ledger.all(Hypothesis))
        return f"q{asked + 1}"
