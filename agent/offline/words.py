"""Say a rule in plain words, as the title and description of a hypothesis; and read the words of a goal."""

import re
from collections.abc import Iterable, Sequence

from faultfinder.agent.offline.blame import centre_of
from faultfinder.agent.offline.groups import Group
from faultfinder.agent.strategist import Proposal
from faultfinder.memory.records import EditKind
from faultfinder.tools.lexicon import Lexicon

MOST_LISTED = 40
"""Words of a group that a description lists; a rule holds them all."""

_IN_TITLE = 4
_QUOTED = 2
_WORD = re.compile(r"[a-z']+")

_STOP = """a an the of in on at to for with by and or not no is are was be been do does did can could it its this that
    these those what which who how whether when where why if my our your their encoder model models embedding text texts
    image images picture pictures caption captions sentence sentences word words notice notices see sees tell apart find
    look check audit failure failures fail fails difference differences different wrong confuse confuses worry worries
    understand understands miss misses about any anything we i use uses used between them"""
STOP = frozenset(_STOP.split())
"""Words of a goal that say nothing of what to look at."""

TOPICS = {
    "places": "spatial relation relations position positions place places location locations left right above below",
    "directions": "direction directions toward towards",
    "numbers": "number numbers count counts counting numeral numerals many quantity quantities",
    "quantifiers": "quantifier quantifiers quantity quantities all some few amount amounts",
    "negation": "negation negations negated absence absent presence without not missing",
    "colours": "colour colours color colors coloured colored hue hues red blue green",
    "gender words": "gender man woman men women sex",
    "ages": "age ages young old child adult",
    "sizes": "size sizes large small big little",
    "time words": "time temporal tense before after",
    "materials": "material materials wooden metal",
    "actions": "action actions verb verbs activity activities doing",
    "order": "order role roles swapped swap agent patient subject object bag syntax compositional composition binding",
}
"""Kind of difference to the words of a goal that ask for it; the lexicon's class names, and word order."""


def words_of_goal(goal: str) -> list[str]:
    """Return the words of a goal that say what to look at."""
    return [word for word in dict.fromkeys(_WORD.findall(goal.lower())) if word not in STOP]


def topics_of(goal: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the kinds of difference a goal's words ask for."""
    words = set(_WORD.findall(goal.lower()))
    asked = [topic for topic, triggers in TOPICS.items() if (words - _TOO_COMMON) & set(triggers.split())]
    asked += [name for word in words_of_goal(goal) for name in lexicon.classes(word)]
    return tuple(dict.fromkeys(asked))


_TOO_COMMON = frozenset({"not", "all", "some", "many", "where", "without", "object", "time"})


def proposal(group: Group, lexicon: Lexicon) -> Proposal:
    """Put a group into words."""
    say = {EditKind.EXCHANGE: _exchange, EditKind.SWAP: _swap}.get(group.kind, _drop_or_add)
    title, sentence = say(group, lexicon)
    return Proposal(
        title=title,
        description=f"{sentence} {_example(group)}".strip(),
        rule=group.rule,
        evidence=tuple(pair.id for pair in group.evidence[:12]),
    )


def _exchange(group: Group, lexicon: Lexicon) -> tuple[str, str]:
    words = group.words
    name = lexicon.name_group(words)
    if centre := centre_of(group.rule):
        return _exchange_of_some(centre, [word for word in words if word not in centre], name)
    few = listed(words, _IN_TITLE)
    title = f"{few} are confused" if name is None or name == listed(words, 2) else f"{name} are confused ({few})"
    kind = f" ({name})" if name else ""
    return title, (
        f"The model does not tell apart captions that differ only in which of these words{kind} they use: "
        f"{listed(words, MOST_LISTED)}. It takes exchanging one for another for a mere rewording."
    )


def _exchange_of_some(centre: Sequence[str], others: Sequence[str], name: str | None) -> tuple[str, str]:
    these, verb = listed(centre, MOST_LISTED), "is" if len(centre) == 1 else "are"
    return f"{these} {verb} confused with other {name or 'words'} ({listed(others, _IN_TITLE)})", (
        f"The model does not tell apart captions of which one says {these} where the other says one of these words: "
        f"{listed(others, MOST_LISTED)}. It takes exchanging one for another for a mere rewording."
    )


def _swap(group: Group, _lexicon: Lexicon) -> tuple[str, str]:
    if group.words:
        around = listed(group.words, MOST_LISTED)
        return f"swapped roles around {listed(group.words, 2)} go unnoticed", (
            f"The model does not tell apart captions in which the two things around '{around}' have changed places: it "
            "takes them for mere rewordings."
        )
    order = "word order goes unnoticed: swapped roles" if group.exact else "swapped roles go unnoticed"
    return order, (
        "The model does not tell who does what to whom or what is where: two captions of the same words, with two of "
        "them in each other's places, pass for mere rewordings."
    )


def _drop_or_add(group: Group, lexicon: Lexicon) -> tuple[str, str]:
    name = lexicon.name_group(group.words)
    few = listed(group.words, _IN_TITLE)
    what = f"{name} ({few})" if name else few
    return f"the presence of {what} goes unnoticed", (
        "The model does not tell apart captions with and without any of these words: "
        f"{listed(group.words, MOST_LISTED)}. "
        "It takes leaving one out for a mere rewording."
    )


def _example(group: Group) -> str:
    shown = [f"'{pair.a}' and '{pair.b}'" for pair in group.evidence[:_QUOTED]]
    return f"For example {', and '.join(shown)}." if shown else ""


def listed(words: Sequence[str], most: int) -> str:
    """Write words as a list: 'a, b and c', 'a, b, c and 12 more'."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def related_in(corpus_words: Iterable[str], asked: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Return the words of the corpus that mean the same as one of the words asked for."""
    return tuple(dict.fromkeys(word for word in corpus_words if any(lexicon.same(word, other) for other in asked)))
