"""Holding an answer to its citations: what it says must be what they say. No model has a part in this.

A sentence that makes a claim must cite; every id must exist; what is quoted must stand there; counts, rates and other
numbers must be its numbers; "fails", "passes", "proven" and "refuted" must be its outcome. A sentence that does not
hold is taken out, and a note stands in its place. A claim about cases or findings may not bring in things or colours
that those do not speak of.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from pydantic import Field

from faultfinder.agent.chat.citing import Cited
from faultfinder.agent.chat.claims import arms_agree, numbers_agree, quantifiers_agree
from faultfinder.agent.chat.sentences import Sentence, sentences_of
from faultfinder.agent.chat.subjects import strange_subject
from faultfinder.agent.report.findings import Status
from faultfinder.memory.records import Outcome, Record, Role

Resolve = Callable[[str], Cited | None]

CLAIM = re.compile(
    r"\d|\b(?:fail\w*|pass(?:es|ed)?|prov(?:en|ed|es)|confirm\w*|refut\w*|support(?:ed|s)|inconclusive|undecided|"
    r"significan\w*|confus\w*|mistak\w*|taken for|tak(?:es|ing) .* for|"
    r"(?:keeps?|kept|tells?|told) (?:.* )?apart|holds? (?:for|on|with)|agree[sd]?)\b",
    re.IGNORECASE,
)
"""What makes a sentence a claim about the model or the audit."""

_LETTERS = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_FAILS = re.compile(r"\b(?:fail\w*|taken for the same|treat\w* .*same)\b", re.IGNORECASE)
_PASSES = re.compile(r"\b(?:pass(?:es|ed)?|kept apart|keeps? .*apart|tells? .*apart)\b", re.IGNORECASE)
_NOT = r"(?:\bnot\b|n't\b|\bnever\b|\bno longer\b|\bnone\b|\bno\b|\bwithout\b)(?:\s+\w+){0,3}\s+"
_OUTCOMES = {Outcome.INVALID: r"\binvalid\b", Outcome.UNSCORABLE: r"\bunscorable\b", Outcome.ERROR: r"\berror\b"}
_VERDICTS = {
    Status.CONFIRMED: r"\b(?:proven|proved|confirmed|supported)\b",
    Status.REFUTED: r"\brefuted\b",
    Status.INCONCLUSIVE: r"\b(?:inconclusive|left open|undecided)\b",
}


class Removed(Record):
    """A sentence that did not hold."""

    sentence: str = Field(description="as it was written")
    why: str = Field(description="what is wrong with it")


class Checked(Record):
    """An answer after the check."""

    text: str = Field(description="the sentences that hold; a note stands where one was removed")
    cites: tuple[str, ...] = Field(description="ids cited by what is left, each once, in order")
    removed: tuple[Removed, ...] = Field(description="what was taken out")


def check(answer: str, resolve: Resolve, question: str = "") -> Checked:
    """Take out of an answer what its citations do not bear.

    Args:
        answer: as it was written.
        resolve: returns what an id stands for; None where it does not exist.
        question: what was asked; its words may be quoted.
    """
    kept: list[str] = []
    cites: list[str] = []
    removed: list[Removed] = []
    for sentence in sentences_of(answer):
        why = objection(sentence, resolve, question)
        kept.append(what_stays(sentence, why))
        if why is None:
            cites += sentence.cites
        else:
            removed.append(Removed(sentence=sentence.text.strip(), why=why))
    return Checked(text="".join(kept).strip(), cites=tuple(dict.fromkeys(cites)), removed=tuple(removed))


def what_stays(sentence: Sentence, why: str | None) -> str:
    """Return what is shown of a sentence: itself, or the note in its place."""
    return sentence.text if why is None else _note(sentence.text, why)


def objection(sentence: Sentence, resolve: Resolve, question: str = "") -> str | None:
    """Return what is wrong with a sentence, or None."""
    resolved = [(key, resolve(key)) for key in sentence.cites]
    missing = [key for key, found in resolved if found is None]
    if missing:
        return f"it cites {', '.join(missing)}, which does not exist"
    cited = [found for _, found in resolved if found]
    if not cited:
        return "it makes a claim and cites nothing" if _claims(sentence, question) else None
    complaints = (
        _misquoted(sentence, cited, question),
        *(_misjudged(sentence, each) for each in cited),
        arms_agree(sentence, cited),
        quantifiers_agree(sentence, cited),
        numbers_agree(sentence, cited, question),
        _beside_the_point(sentence, cited),
    )
    return next((complaint for complaint in complaints if complaint), None)


def _claims(sentence: Sentence, question: str) -> bool:
    """Tell whether a sentence says something that has to be borne out; questions and headings do not."""
    if sentence.text.rstrip().endswith("?") or _is_heading(sentence):
        return False
    long_quotes = [quote for quote in sentence.quotes if len(quote.split()) > 1 and not _stands_in(quote, [question])]
    return bool(CLAIM.search(re.sub(r"^\s*\d+[.)]\s", "", sentence.bare))) or bool(long_quotes)


def _is_heading(sentence: Sentence) -> bool:
    return sentence.text.rstrip().endswith(":") and not sentence.quotes and not re.search(r"\d", sentence.bare)


def _misquoted(sentence: Sentence, cited: Sequence[Cited], question: str) -> str | None:
    texts = [text for each in cited for text in each.texts] + [question]
    wrong = [quote for quote in sentence.quotes if not _stands_in(quote, texts)]
    return f"it quotes “{wrong[0]}”, which does not stand in {_ids(cited)}" if wrong else None


def _beside_the_point(sentence: Sentence, cited: Sequence[Cited]) -> str | None:
    """Say where a claim about cases or findings speaks of a thing that none of them speaks of."""
    if not CLAIM.search(sentence.bare) or not any(each.outcome or each.status for each in cited):
        return None
    strange = strange_subject(sentence.bare, (text for each in cited for text in each.texts))
    return f"it speaks of “{strange}”, and {_ids(cited)} does not" if strange else None


def _stands_in(quote: str, texts: Iterable[str]) -> bool:
    """Tell whether the words of a quotation stand in a text, in order and side by side."""
    sought = f" {_words(quote)} "
    return any(sought in f" {_words(text)} " for text in texts)


def _words(text: str) -> str:
    return " ".join(_LETTERS.findall(text.lower().replace("\u2019", "'")))


def _misjudged(sentence: Sentence, cited: Cited) -> str | None:
    """Say where the sentence gives a case another outcome or role, or a finding another verdict, than it has."""
    clause = sentence.clause_of(cited.id)
    if cited.outcome is not None:
        return _misread_case(clause, cited)
    if cited.status is not None:
        return _misread_finding(clause, cited.id, cited.status)
    return None


def _misread_case(clause: str, cited: Cited) -> str | None:
    said = _said_outcomes(clause)
    if said and cited.outcome not in said:
        return f"{cited.id} is said to be {_or(said)}, and it is {cited.outcome}"
    roles = {role for role in Role if re.search(rf"\b{role}s?\b", clause, re.IGNORECASE)}
    if cited.role and roles and cited.role not in roles:
        return f"{cited.id} is called a {_or(roles)}, and it is a {cited.role}"
    return None


def _said_outcomes(clause: str) -> set[Outcome]:
    said = {outcome for outcome, pattern in _OUTCOMES.items() if re.search(pattern, clause, re.IGNORECASE)}
    for here, other, pattern in ((Outcome.FAIL, Outcome.PASS, _FAILS), (Outcome.PASS, Outcome.FAIL, _PASSES)):
        if pattern.search(clause):
            denied = re.search(_NOT + pattern.pattern, clause, re.IGNORECASE)
            said.add(other if denied else here)
    return said


def _misread_finding(clause: str, key: str, status: Status) -> str | None:
    for said, pattern in _VERDICTS.items():
        if not re.search(pattern, clause, re.IGNORECASE):
            continue
        denied = bool(re.search(_NOT + pattern, clause, re.IGNORECASE))
        if denied == (said is status):
            return f"{key} is said {'not ' if denied else ''}to be {said}, and it is {status}"
    return None


def _note(text: str, why: str) -> str:
    """Put a note in a sentence's place, its white space kept."""
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    bullet = re.match(r"(?:[-*•]|\d+[.)])\s+", text.lstrip())
    return f"{before}{bullet.group(0) if bullet else ''}(A sentence was removed: {why}.){after}"


def _ids(cited: Sequence[Cited]) -> str:
    return ", ".join(each.id for each in cited)


def _or(names: Iterable[str]) -> str:
    return " or ".join(sorted(str(name) for name in names))
