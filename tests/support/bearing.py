"""What an answer may say, found out from an audit's database alone and not with the chat's own check.

Read with `sqlite3` and `json`: every id, outcome, verdict, count, rate, quotation and number of an answer is looked up
again. It is a second opinion for tests: what both miss is still missed, what one of them gets wrong shows.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

IDS = re.compile(r"\[([a-z]+\d*(?:-[pc]\d+)?(?:, [a-z]+\d*(?:-[pc]\d+)?)*)\]")
QUOTED = re.compile(r"“([^”]*)”|\"([^\"]*)\"")
NOTE = re.compile(r"\(A sentence was removed: .*?\.\)(?=\s|$)")
COMMAND = re.compile(r"`[^`]*`|\S+\.png")
END = re.compile(r"[.?!](?=\s+[^\[\s]|\s+\[[^\]]*\] \w)")
SHARE = re.compile(r"(\d+) of (?:the )?(\d+) (probes|controls) (?:(fail|pass)|(?:was|were) (invalid|unscorable))")
LONE_SHARE = re.compile(r"(\d+) of (\d+) controls(?=\.|;| \[| here| there|$)")
POWER = re.compile(r"(\d+(?:\.\d+)?)\s\u00d7\s10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)(?:(?:\u2013| to )(\d+(?:\.\d+)?))?\s?%")
NUMBER = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(?!\w)")
OUTCOMES = {"fails": "fail", "passes": "pass", "is invalid": "invalid"}
VERDICTS = {"proven": "supported", "refuted": "refuted", "inconclusive": "inconclusive"}
SMALL = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
CONSTANTS = (0.05, 0.95, 0.5)
ENDED = "the scout found nothing new to test"
STRANGERS = frozenset(["van", "vans", "truck", "trucks", "elephant", "doctor", "doctors", "night", "winter"])
"""Things that the lab's sentences never speak of, and that only somebody who makes things up brings in."""

Json = dict[str, object]


@dataclass
class Verified:
    """What was looked up of one answer, and what did not stand there."""

    facts: int = 0
    wrong: list[str] = field(default_factory=list)

    def hold(self, stands: bool, said: str) -> None:
        """Take note of one thing that was looked up."""
        self.facts += 1
        if not stands:
            self.wrong.append(said)


class Ground:
    """An audit's records as they stand now."""

    def __init__(self, folder: Path, texts: frozenset[str], spent: Json, calls: int) -> None:
        """Read them.

        Args:
            folder: the audit's folder.
            texts: the corpus.
            spent: what the audit had spent when the answer was given.
            calls: how many calls to a chat model were made for the answer; it may speak of the cost before each.
        """
        self.texts, self.spent = texts, spent
        with closing(sqlite3.connect(folder / "audit.db")) as database:
            rows = database.execute("SELECT kind, id, body FROM records ORDER BY seq").fetchall()
            tokens = [each for (each,) in database.execute("SELECT tokens FROM calls ORDER BY rowid")]
            self.used = {text for (text,) in database.execute("SELECT text FROM spent_texts")}
        self.costs = [(len(tokens) - last, sum(tokens[: len(tokens) - last])) for last in range(calls + 1)]
        self.records = [(kind, key, json.loads(body)) for kind, key, body in rows]
        self.cases, self.seen = self._of("Case"), self._of("Observation")
        self.hypotheses, self.look_ups = self._of("Hypothesis"), self._of("LookUp")
        self.verdicts = {body["hypothesis"]: body for kind, _, body in self.records if kind == "Verdict"}
        self.file = json.loads((folder / "findings.json").read_text())

    def exists(self, key: str) -> bool:
        """Tell whether there is such a case, finding or look-up."""
        return key == "audit" or any(key in kind for kind in (self.cases, self.hypotheses, self.look_ups))

    def verify(self, answer: str, question: str = "") -> Verified:
        """Look up everything that an answer says."""
        found = Verified()
        for sentence in sentences(answer):
            keys = [key.strip() for group in IDS.findall(sentence) for key in group.split(",")]
            missing = [key for key in keys if not self.exists(key)]
            found.hold(not missing, f"no such thing as {missing}: {sentence}")
            if not missing:
                self._verify(sentence, keys, question, found)
        return found

    def _verify(self, sentence: str, keys: list[str], question: str, found: Verified) -> None:
        said = " ".join(words(json.dumps([self._all(key) for key in keys], ensure_ascii=False)))
        for pair in QUOTED.findall(sentence):
            quoted = " ".join(words(pair[0] or pair[1]))
            found.hold(quoted in f"{said} {' '.join(words(question))}", f"“{quoted}” is not in {keys}")
        bare = QUOTED.sub("_", COMMAND.sub(" ", sentence))
        strange = STRANGERS & set(words(bare)) - set(said.split())
        found.hold(not strange, f"{strange} is not in {keys}: {sentence}")
        for key, clause in clauses(bare):
            self._judged(key, clause, found)
        self._counted(bare, keys, found)
        known = {number for key in keys for number in self._numbers(key)} | {*CONSTANTS, *numbers_in(question)}
        for number, places in spoken(IDS.sub(" ", bare)):
            near = any(abs(value - number) <= 0.5 * 10.0**-places * 1.001 for value in known)
            found.hold(near, f"{number} is no number of {keys}: {sentence}")

    def _judged(self, key: str, clause: str, found: Verified) -> None:
        """Hold what is said of one case or finding to its outcome or verdict."""
        for said, outcome in OUTCOMES.items() if key in self.cases else ():
            if re.search(rf"\b{said}\b", clause):
                found.hold(self.seen[key]["outcome"] == outcome, f"{key} {said}")
        role = re.search(r"\b(?:the|a) (probe|control)\b", clause)
        if key in self.cases and role:
            found.hold(self.cases[key]["role"] == role[1], f"{key} is a {role[1]}")
        for said, decision in VERDICTS.items() if key in self.verdicts else ():
            if re.search(rf"\b{said}\b", clause):
                found.hold(self.verdicts[key]["decision"] == decision, f"{key} is {said}")

    def _counted(self, bare: str, keys: list[str], found: Verified) -> None:
        arms = [(k, self._arm(k, role), role) for k in keys if k in self.hypotheses for role in ("probe", "control")]
        for part, whole, noun, scored, lost in SHARE.findall(bare) if arms else ():
            shares = [_share(arm, scored or lost) for _, arm, role in arms if noun.startswith(role)]
            shares += [share for k in keys if k in self.look_ups for share in _looked_up(self._all(k))]
            found.hold((int(part), int(whole)) in shares, f"{part} of {whole} {noun} {scored}{lost}: {keys}")
        for part, whole in LONE_SHARE.findall(bare) if arms else ():
            shares = [_share(arm, "fail") for _, arm, role in arms if role == "control"]
            found.hold((int(part), int(whole)) in shares, f"{part} of {whole} controls: {keys}")
        for quantifier, noun in re.findall(r"\b(Every|No) (probe|control) fails", bare):
            for _, arm, _ in (each for each in arms if each[2] == noun):
                part, whole = _share(arm, "fail")
                found.hold(part == (whole if quantifier == "Every" else 0), f"{quantifier} {noun} fails: {keys}")

    def _of(self, kind: str) -> dict[str, Json]:
        return {key: body for its, key, body in self.records if its == kind}

    def _arm(self, key: str, role: str) -> Counter[str]:
        mine = [i for i, case in self.cases.items() if case["hypothesis"] == key and case["role"] == role]
        return Counter(str(self.seen[i]["outcome"]) for i in mine if i in self.seen)

    def _all(self, key: str) -> object:
        """Return everything that is recorded of one thing."""
        if key == "audit":
            return [self.file["audit"], ENDED, [case["judgement"] for case in self.cases.values()], self._of("Brief")]
        if key in self.cases:
            return [self.cases[key], self.seen.get(key)]
        if key in self.look_ups:
            kept = self.look_ups[key]
            return [json.loads(str(kept["args"])), json.loads(str(kept["result"]))]
        mine = [case for case in self.cases.values() if case["hypothesis"] == key]
        return [self.hypotheses[key], self.verdicts.get(key), mine]

    def _numbers(self, key: str) -> Iterator[float]:
        if key == "audit":
            yield from self._figures()
        elif key in self.hypotheses:
            yield from self._numbers_of_finding(key)
        else:
            yield from numbers_of(self._all(key))

    def _numbers_of_finding(self, key: str) -> Iterator[float]:
        yield from numbers_of(self.verdicts.get(key))
        for role in ("probe", "control"):
            arm = self._arm(key, role)
            scored = arm["fail"] + arm["pass"]
            yield from (scored, arm.total(), *arm.values(), 0.0)
            if scored:
                yield from (arm["fail"] / scored, arm["pass"] / scored, *_interval(arm["fail"], scored))

    def _figures(self) -> Iterator[float]:
        """Yield the figures of the audit as a whole."""
        own = [key for key, body in self.hypotheses.items() if not body.get("asked")]
        used = len(self.texts & self.used)
        yield from (len(own), len(self.hypotheses) - len(own), len(self.verdicts), len(self.seen), used, 0)
        for counted in (
            Counter(str(self.verdicts[key]["decision"]) for key in own if key in self.verdicts),
            Counter(str(body["outcome"]) for body in self.seen.values()),
            Counter(json.dumps(case["judgement"]["judge"]) for case in self.cases.values()),
            Counter(str(body["source"]) for kind, _, body in self.records if kind == "MinedPair"),
        ):
            yield from counted.values()
        yield len(self.texts)
        for part in (self.spent, self.costs, self.file["calibration"], self._of("AuditSettings")):
            yield from numbers_of(part)


def sentences(answer: str) -> Iterator[str]:
    """Yield the sentences of an answer, notes of what was removed left out."""
    for line in NOTE.sub("", answer).splitlines():
        held: list[str] = []
        masked = COMMAND.sub(lambda m: m[0].replace(".", "_"), line)
        masked = QUOTED.sub(lambda m: m[0].replace(".", "_").replace("?", "_"), masked)
        begin = 0
        for end in [match.end() for match in re.finditer(r"[.?!](?=\s+[^\[\s]|\s+\[[^\]]*\] \w)", masked)] + [
            len(line)
        ]:
            held.append(line[begin:end].strip())
            begin = end
        yield from filter(None, held)


def clauses(bare: str) -> Iterator[tuple[str, str]]:
    """Yield every id with what is said between it and the next, or in the whole sentence where it comes last."""
    marks = list(IDS.finditer(bare))
    ends = [mark.start() for mark in marks[1:]] + [len(bare)]
    for mark, end in zip(marks, ends, strict=False):
        after = bare[mark.end() : end].strip(" .;")
        yield from ((key.strip(), after or bare) for key in mark[1].split(","))


def words(text: str) -> list[str]:
    """Return the words of a text, small, without marks."""
    return re.findall(r"[^\W_]+", text.replace("\\u2019", "'").lower())


def spoken(bare: str) -> Iterator[tuple[float, int]]:
    """Yield every number that a sentence speaks of as a value, with its decimal places."""
    for digits, power in POWER.findall(bare):
        exponent = int(power.translate(SMALL))
        yield float(f"{digits}e{exponent}"), len(digits.partition(".")[2]) - exponent
    bare = POWER.sub(" ", bare)
    for pair in PERCENT.findall(bare):
        yield from ((float(each) / 100, len(each.partition(".")[2]) + 2) for each in pair if each)
    for number in NUMBER.findall(re.sub(r"^\s*\d+[.)]\s", "", PERCENT.sub(" ", bare))):
        plain = number.replace(",", "")
        yield float(plain), len(plain.partition(".")[2])


def numbers_of(value: object) -> Iterator[float]:
    """Yield every number in a JSON value."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)
    elif isinstance(value, (dict, list, tuple)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from numbers_of(part)


def numbers_in(text: str) -> Iterator[float]:
    """Yield every number in a text."""
    return (float(number.replace(",", "")) for number in NUMBER.findall(text))


def _share(arm: Counter[str], outcome: str) -> tuple[int, int]:
    scored = arm["fail"] + arm["pass"]
    return (arm[outcome], scored if outcome in ("fail", "pass") else arm.total())


def _looked_up(kept: object) -> Iterator[tuple[int, int]]:
    """Yield the counts `fail` of `scored` of a comparison."""
    if isinstance(kept, dict) and {"fail", "scored"} <= kept.keys():
        yield kept["fail"], kept["scored"]
    for part in kept.values() if isinstance(kept, dict) else kept if isinstance(kept, list) else ():
        yield from _looked_up(part)


def _interval(fail: int, scored: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval."""
    z, rate = 1.959964, fail / scored
    middle, spread = rate + z * z / (2 * scored), z * sqrt(rate * (1 - rate) / scored + z * z / (4 * scored**2))
    return tuple(min(1.0, max(0.0, (middle + side * spread) / (1 + z * z / scored))) for side in (-1, 1))
