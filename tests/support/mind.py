"""A scripted mind behind the chat server: it reads the prompt it is given and answers by a few rules of English.

It knows no lab and no audit. Everything it says follows from the texts in the prompt: it compares the two sides of each
pair, names what was exchanged, and writes new pairs by making the same change in the sentences it is shown.
"""

import difflib
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from random import Random

DATA = re.compile(r"(?:^|\n)([^\n]*)\n<<<DATA\n(.*?)\nDATA>>>", re.DOTALL)

CLASSES = {
    "place": "left right above below over under behind before",
    "number": "one two three four five six few many several some",
    "colour": "red blue green yellow purple pink brown black white grey beige orange",
    "size": "small little large big tiny huge",
    "thing": "circle square triangle star ring cross circles squares triangles stars rings crosses dog cat man woman",
}
CLASS_OF = {word: name for name, words in CLASSES.items() for word in words.split()}
SYNONYMS = [
    {"small", "little", "tiny"},
    {"large", "big", "huge"},
    {"couch", "sofa"},
    {"over", "above"},
    {"under", "below"},
]
SYMMETRIC = {"and", "with", "near", "beside"}
COLOURS = CLASSES["colour"].split()[:8]
ARTICLES = ["a", "one", "two", "three", "four", "few", "many", "several", "some"]
_THING = rf"(?:{'|'.join(ARTICLES)}) (?:(?:small|little|large|big) )?\w+ \w+"
_AROUND = r"(left of|to the left of|right of|to the right of|above|over|below|under)"
SWAPPABLE = re.compile(rf"\b({_THING}) {_AROUND} ({_THING})\b")
QUOTED_CHANGE = re.compile(r"'([^']+)' becomes '([^']+)'")


@dataclass(frozen=True)
class Change:
    """How b differs from a: words removed, words added; `swap` when only the order differs."""

    removed: str
    added: str
    swap: bool = False

    @property
    def kind(self) -> str:
        """Name the class of the change."""
        if self.swap:
            return "order"
        if not self.removed or not self.added or "no" in (self.removed, self.added):
            return "absence" if {"no", "without"} & set(f"{self.removed} {self.added}".split()) else "detail"
        classes = {CLASS_OF.get(word, "wording") for word in (self.removed.split()[-1], self.added.split()[-1])}
        return classes.pop() if len(classes) == 1 else "wording"


def change_between(a: str, b: str) -> Change:
    """Compare two texts word by word."""
    old, new = a.split(), b.split()
    if sorted(old) == sorted(new):
        return Change("", "", swap=True)
    if len(old) == len(new):  # a synonym beside the change is no part of it
        new = [o if synonymous(o, n) else n for o, n in zip(old, new, strict=True)]
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    removed = [" ".join(old[i:j]) for tag, i, j, _, _ in blocks if tag != "equal"]
    added = [" ".join(new[i:j]) for tag, _, _, i, j in blocks if tag != "equal"]
    if not removed:
        return Change("", "")
    return Change(removed[0], added[0]) if len(removed) == 1 else Change("several words", "other words")


def synonymous(first: str, second: str) -> bool:
    """Tell whether two words mean the same."""
    return any({first, second} <= group for group in SYNONYMS)


def data_blocks(prompt: str) -> list[list]:
    """Return the quoted blocks of a prompt, each a list of JSON values, in order."""
    blocks = [match.group(2).splitlines() for match in DATA.finditer(prompt)]
    return [[json.loads(line) for line in lines if line != "(none)"] for lines in blocks]


def think(prompt: str, wanted: set[str]) -> dict:
    """Answer a typed question; `wanted` are the fields of the reply asked for."""
    answers = {
        "focus": brief,
        "hypotheses": hypotheses,
        "pairs": pairs,
        "answers": meanings,
        "step": refinement,
        "kinship": relation,
        "rewordings": rewordings,
        "regions": regions,
    }
    (answer,) = (answers[field] for field in wanted if field in answers)
    return answer(prompt)


def brief(prompt: str) -> dict:
    """Find the kinds of difference a goal speaks of."""
    goal = data_blocks(prompt)[0][0].lower()
    cues = {"where": "place", "how many": "number", "missing": "absence", "colour": "colour", "size": "size"}
    return {"focus": [kind for cue, kind in cues.items() if cue in goal], "domain": [], "modality": "text"}


def hypotheses(prompt: str) -> dict:
    """Group the pairs by what was changed, most frequent first."""
    agreed = next(block for block in data_blocks(prompt) if block and isinstance(block[0], dict) and "id" in block[0])
    most = int(re.search(r"at most (\d+) hypotheses", prompt).group(1))
    groups = defaultdict(list)
    for pair in agreed:
        groups[change_between(pair["a"], pair["b"]).kind].append(pair)
    told = sorted(groups.items(), key=lambda item: -len(item[1]))
    return {"hypotheses": [hypothesis(kind, found) for kind, found in told if len(found) >= 2][:most]}


def regions(prompt: str) -> dict:
    """Say of each region what its data say; of the last one nothing."""
    rows = next(
        block for block in data_blocks(prompt) if block and isinstance(block[0], dict) and "changes" in block[0]
    )
    named = rows[:-1] if len(rows) > 1 else rows
    return {
        "regions": [
            {
                "id": row["id"],
                "title": f"trouble {row['changes']}",
                "description": f"Inputs ({row['inputs']}) that are {row['changes']} are answered wrongly.",
            }
            for row in named
        ]
    }


def hypothesis(kind: str, found: list[dict]) -> dict:
    """Say what a group of pairs has in common."""
    changes = dict.fromkeys(change_between(pair["a"], pair["b"]) for pair in found)
    said = ", or ".join(f"'{c.removed}' becomes '{c.added}'" for c in list(changes)[:8] if c.removed and c.added)
    what = f"in which {said}" if said else "in which two things trade places"
    return {
        "title": f"changes of {kind} go unnoticed",
        "description": f"Sentences of equal wording {what} are treated as the same although they differ.",
        "noticed": "another colour",
        "evidence": [pair["id"] for pair in found],
        "known": "",
    }


def pairs(prompt: str) -> dict:
    """Write new pairs by making the described change in sentences like those shown."""
    blocks = data_blocks(prompt)
    sentences, used, description = blocks[0], set(blocks[1]), blocks[2][0].get("description", "")
    count = int(re.search(r"Write (\d+) new pairs", prompt).group(1))
    rng = Random(prompt)
    change = other_colour if "are controls" in prompt else described_change(description)
    written: dict[str, str] = {}
    for sentence in [recoloured(text, rng) for _ in range(6) for text in sentences]:
        changed = change(sentence, rng)
        if changed and changed != sentence and sentence not in used:
            written.setdefault(sentence, changed)
    return {"pairs": [{"a": a, "change": "as described", "b": b} for a, b in list(written.items())[:count]]}


def described_change(description: str):
    """Return a function that makes the change a description speaks of, or None where it does not apply."""
    exchanges = QUOTED_CHANGE.findall(description)

    def change(sentence: str, rng: Random) -> str | None:
        possible = [(old, new) for old, new in exchanges if re.search(rf"\b{re.escape(old)}\b", sentence)]
        if possible:
            old, new = rng.choice(possible)
            return re.sub(rf"\b{re.escape(old)}\b", new, sentence, count=1)
        if not exchanges and (match := SWAPPABLE.search(sentence)):
            first, relation, second = match.groups()
            return sentence.replace(match.group(0), f"{second} {relation} {first}")
        return None

    return change


def other_colour(sentence: str, rng: Random) -> str | None:
    """Exchange one colour of a sentence, or the thing where there is none."""
    colours = [word for word in sentence.split() if word in COLOURS]
    if not colours:
        return None
    old = rng.choice(colours)
    return re.sub(rf"\b{old}\b", rng.choice([c for c in COLOURS if c != old]), sentence, count=1)


def recoloured(sentence: str, rng: Random) -> str:
    """Return a new sentence of the same make."""
    return " ".join(rng.choice(COLOURS) if word in COLOURS else word for word in sentence.split())


def meanings(prompt: str) -> dict:
    """Judge each pair."""
    asked = data_blocks(prompt)[0]
    return {"answers": [{"id": row["id"], **meaning(row["a"], row["b"])} for row in asked]}


def meaning(a: str, b: str) -> dict:
    """Tell rewordings from differences."""
    change = change_between(a, b)
    if change.swap and SYMMETRIC & set(a.split()):
        return {"reason": "the order does not matter", "meaning": "same"}
    if synonymous(change.removed, change.added) or change == Change("", ""):
        return {"reason": "synonyms", "meaning": "same"}
    return {"reason": change.kind, "meaning": "different"}


def refinement(prompt: str) -> dict:
    """Go on while most probes fail, else drop."""
    _, _, failed, passed, _ = data_blocks(prompt)
    return {"step": "more" if len(failed) > len(passed) else "drop", "children": []}


def relation(prompt: str) -> dict:
    """Recognise a failure by its title."""
    (confirmed,), known = data_blocks(prompt)
    same = [failure["id"] for failure in known if failure["title"] == confirmed["title"]]
    return {"kinship": "same" if same else "new", "failure": same[0] if same else ""}


def rewordings(prompt: str) -> dict:
    """Put a text into other frames."""
    text = data_blocks(prompt)[0][0]
    frames = ("a picture of {}", "there is {}", "a photo of {}", "we can see {}", "{} in the picture", "an image of {}")
    return {"rewordings": [frame.format(text) for frame in frames]}


def next_tool(messages: list[dict], tools: list[dict]) -> dict | None:
    """Choose the next tool call of a scout: mine in two ways, look where the map says, then have seen enough."""
    offered = [tool["function"]["name"] for tool in tools]
    called = [call["function"]["name"] for message in messages for call in message.get("tool_calls") or []]
    told = str(messages[1].get("content")) if len(messages) > 1 else ""
    status, area = re.search(r'"round":\s*(\d+)', told), re.search(r'"next_area":\s*"([^"]+)"', told)
    arguments = {"scan_edits": {"round": int(status.group(1)) if status else 0}, "find_agreements": {}}
    arguments |= {"explore_landscape": {}} if re.search(r'"explored":\s*0', told) else {}
    arguments |= {"survey_map": {"each": 2}, "scan_area": {"area": area.group(1)}} if area else {}
    waiting = [name for name in arguments if name in offered and name not in called]
    return {"name": waiting[0], "arguments": arguments[waiting[0]]} if waiting else None
