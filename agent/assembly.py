"""Building an audit's context from its settings: the one place where specs become objects."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from faultfinder.agent.budget import Budget
from faultfinder.agent.context import AuditContext, Encoded
from faultfinder.agent.events import Listener
from faultfinder.agent.folder.names import OBJECT
from faultfinder.agent.given import NOTHING_GIVEN, Given, Target
from faultfinder.agent.landscape.opening import PICTURES, named_in, open_terrain, world_has_inputs
from faultfinder.agent.landscape.targets import open_target
from faultfinder.agent.pictures.eyes import PEOPLE, open_eyes
from faultfinder.agent.pictures.eyes_calibration import Looking
from faultfinder.agent.pictures.slot_painting import SlotPainting
from faultfinder.agent.pictures.studio import Studio
from faultfinder.agent.strategist import Strategist
from faultfinder.agent.terrain import Terrain
from faultfinder.memory.chroma import FailureMemory
from faultfinder.memory.errors import SpecError
from faultfinder.memory.ledger import Ledger
from faultfinder.memory.records import AuditSettings
from faultfinder.memory.settings import OWN_INPUTS
from faultfinder.tools.calibration import Agreement
from faultfinder.tools.corpora import Corpus, open_corpus
from faultfinder.tools.corpus_map import CorpusMap
from faultfinder.tools.embedding import CachedEncoder, cached, identity_of
from faultfinder.tools.hashing import HashEncoder
from faultfinder.tools.judges import FirstDecided, Unopposed
from faultfinder.tools.lexicon import Lexicon
from faultfinder.tools.meaning import LexiconJudge
from faultfinder.tools.ports import ImageGenerator, Judge, PictureJudge, Rewriter, TextEncoder
from faultfinder.tools.registry import open_encoder
from faultfinder.tools.rewording import TemplateRewriter

if TYPE_CHECKING:
    from faultfinder.agent.llm.answering import Pay
    from faultfinder.agent.llm.chat_model import Connection
    from faultfinder.agent.llm.paid_model import PaidModel

OFFLINE = "offline"


@contextmanager
def assemble_context(
    settings: AuditSettings,
    folder: Path,
    ledger: Ledger,
    budget: Budget,
    listen: Listener,
    strategist: Strategist | None = None,
    given: Given = NOTHING_GIVEN,
) -> Iterator[AuditContext]:
    """Open everything the settings name, and close it again.

    Args:
        settings: what to open.
        folder: the audit's folder.
        ledger: its evidence.
        budget: its limits.
        listen: told what happens.
        strategist: used instead of the one the settings name.
        given: models that a Python program handed over as objects.

    Raises:
        SpecError: the target, the reference or the chat model cannot be resolved.
        CorpusError: the corpus cannot be read.
        MemoryStoreError: the failure memory cannot be opened.
    """
    with ExitStack() as stack:
        corpus = open_corpus(settings.corpus, settings.seed)
        target = open_target(settings, given, payer(ledger, budget, listen))
        trusted = given.open_reference(settings.reference) if settings.reference else None
        reference = _cached(trusted, settings.reference or "", folder, stack) if trusted else None
        mining_judge = _mining_judge(corpus, reference)
        axes = CorpusMap(corpus.texts, Lexicon.load())
        proposer, judge = _minds(settings, corpus, axes, payer(ledger, budget, listen), mining_judge)
        studios = Studios(Looking(settings, corpus, ledger, budget, listen, folder), given)
        terrain = _terrain(settings, target, studios, listen)
        yield AuditContext(
            settings=settings,
            folder=folder,
            ledger=ledger,
            budget=budget,
            listen=listen,
            corpus=corpus,
            subject=terrain
            if terrain is not None and _is_about_changes(settings, target)
            else _encoded(target, settings, corpus, folder, stack)
            if isinstance(target, TextEncoder)
            else studios.open(_painter(target)),
            downstream=studios.downstream(target),
            terrain=terrain,
            reference=reference,
            judge=judge,
            mining_judge=mining_judge,
            strategist=strategist or proposer,
            memory=stack.enter_context(open_memory(settings.memory, settings.reference, trusted)),
            axes=axes,
        )


def payer(ledger: Ledger, budget: Budget, listen: Listener) -> "Pay":
    """Return what takes the calls of chat models to a ledger and a budget, and tells of them."""

    def pay(connection: "Connection") -> "PaidModel":
        from faultfinder.agent.llm.paid_model import PaidModel

        return PaidModel(connection, ledger, budget, listen)

    return pay


@contextmanager
def open_memory(
    location: str | None, reference: str | None, opened: TextEncoder | None = None
) -> Iterator[FailureMemory]:
    """Open the failure memory: one collection per reference encoder, searched by words where none can be identified.

    Args:
        location: folder or URL of the memory; None for the user's data folder.
        reference: spec of the reference encoder.
        opened: the reference encoder, where it is open already.

    Raises:
        SpecError: the reference cannot be resolved.
        MemoryStoreError: the memory cannot be opened.
    """
    named = reference if reference and not reference.startswith(OBJECT) else None
    encoder = opened or open_encoder(named) if named else None
    identity = identity_of(encoder, named) if encoder and named else None
    if encoder is None or identity is None:  # one that is elsewhere, or another, tomorrow cannot keep a collection
        encoder, identity = HashEncoder(str.lower, name="words"), "words"
    memory = FailureMemory.open(location, encoder.embed_texts, identity)
    try:
        yield memory
    finally:
        memory.close()


def embedding_cache() -> Path:
    """Return the database of embeddings that all audits share."""
    return Path(platformdirs.user_cache_dir("faultfinder")) / "embeddings.db"


class Studios:
    """Opens the studios of one audit, or of one check of a suite."""

    def __init__(self, looking: Looking, given: Given = NOTHING_GIVEN) -> None:
        """Take what a judge of pictures may need, and the models that were handed over as objects."""
        self._looking = looking
        self._given = given

    def open(self, generator: ImageGenerator) -> Studio:
        """Put a generator together with who looks at its pictures."""
        audit, eyes = self._looking, self._eyes()
        if eyes.name == PEOPLE and audit.settings.people == "none":
            raise SpecError(
                f"nobody would look at the pictures of {generator.name}: no judge is at hand and --people none asks no "
                "people; name one with --judge, or leave --people out and answer with `faultfinder review`"
            )
        return Studio(generator, eyes, audit.ledger, audit.budget, audit.listen, audit.folder, audit.settings.seed)

    def downstream(self, target: Target) -> Studio | None:
        """Open the generator that proven failures are followed into, where one is named.

        Raises:
            SpecError: it cannot be opened, or the target paints itself.
        """
        if self._looking.settings.downstream is None:
            return None
        if not isinstance(target, TextEncoder):
            what = "a generator itself" if isinstance(target, ImageGenerator) else "no encoder"
            raise SpecError(
                f"--downstream follows an encoder's failures into a generator, and {self._looking.settings.target} is "
                f"{what}; leave --downstream out"
            )
        return self.open(self._given.open_downstream(self._looking.settings.downstream))

    def _eyes(self) -> PictureJudge:
        world, spec = self._looking.corpus.world, self._looking.settings.eyes
        if spec is None and world is not None:
            return world.eyes
        if spec is None:
            spec = self._looking.settings.llm if self._looking.settings.llm != OFFLINE else PEOPLE
        return open_eyes(spec, self._looking)


def _encoded(target: TextEncoder, settings: AuditSettings, corpus: Corpus, folder: Path, stack: ExitStack) -> Encoded:
    encoder = _cached(target, settings.target, folder, stack)
    return Encoded(encoder, Agreement(encoder, _rewriter(corpus), settings.agreement))


def _terrain(settings: AuditSettings, target: Target, studios: Studios, listen: Listener) -> Terrain | None:
    """Open the inputs to be changed, where some are named, or the goal asks for it and the target's world has some."""
    if settings.inputs is None and world_has_inputs(settings, target):
        settings = settings.model_copy(update={"inputs": OWN_INPUTS})
    if settings.inputs is None:
        return None
    painting = SlotPainting(studios.open(target)) if isinstance(target, ImageGenerator) else None
    return open_terrain(settings, target, listen, painting)


def _painter(target: Target) -> ImageGenerator:
    if isinstance(target, ImageGenerator):
        return target
    raise SpecError(f"{target.name} neither embeds texts nor paints; say with --inputs what it is to be asked about")


def _is_about_changes(settings: AuditSettings, target: Target) -> bool:
    """Tell whether all of an audit with inputs is about changing them: nothing else is asked, or can be."""
    asked = settings.actions is not None or bool(named_in(settings.goal, PICTURES))
    return asked or not isinstance(target, TextEncoder)


def _cached(opened: TextEncoder, spec: str, folder: Path, stack: ExitStack) -> CachedEncoder:
    encoder = cached(opened, spec, shared=embedding_cache(), audit=folder / "embeddings.db")
    stack.callback(encoder.close)
    return encoder


def _rewriter(corpus: Corpus) -> Rewriter:
    return corpus.world.rewriter if corpus.world else TemplateRewriter()


def _mining_judge(corpus: Corpus, reference: TextEncoder | None) -> Judge:
    """Return the judge of what the scout finds: thousands of pairs, so no paid one."""
    if corpus.world:
        return corpus.world.judge
    if reference is None:
        return LexiconJudge(Lexicon.load())
    return LexiconJudge(Lexicon.load(), reference, Agreement(reference, TemplateRewriter()).bars)


def _minds(
    settings: AuditSettings,
    corpus: Corpus,
    axes: CorpusMap,
    pay: "Pay",
    mining_judge: Judge,
) -> tuple[Strategist, Judge]:
    """Return who proposes, and the strongest judge at hand of the cases that are written."""
    if settings.llm == OFFLINE:
        return _offline(settings, corpus, axes), mining_judge
    from faultfinder.agent.llm.chat_model import connect
    from faultfinder.agent.llm.meaning import ChatJudge
    from faultfinder.agent.llm.strategist import LLMStrategist

    model = pay(connect(settings.llm, settings.llm_url, settings.seed))
    chat = Unopposed(ChatJudge(model), mining_judge)
    judge = mining_judge if corpus.world else FirstDecided([chat, mining_judge])
    return LLMStrategist(model, corpus.texts, settings.seed), judge


def _offline(settings: AuditSettings, corpus: Corpus, axes: CorpusMap) -> Strategist:
    if settings.explores:
        from faultfinder.agent.explore.offline import ExploringStrategist

        return ExploringStrategist(corpus, axes, Lexicon.load(), settings.seed)
    from faultfinder.agent.offline.strategist import OfflineStrategist

    return OfflineStrategist(corpus, Lexicon.load(), settings.seed)
