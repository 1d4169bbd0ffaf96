"""Render the prompts: one Markdown file each, one function each, whose parameters are the file's variables.

Substitution is strict: a variable missing or unknown raises. Untrusted text enters only through `quoted`, as JSON
between markers; nothing in it can end the quotation, because JSON holds no raw line break.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from string import Template

Row = Mapping[str, str | float] | Mapping[str, str]

BEGIN, END = "<<<DATA", "DATA>>>"


def quoted(rows: Sequence[Row] | Sequence[str]) -> str:
    """Quote untrusted values as data: one JSON value a line, between markers."""
    lines = [_one_line(row) for row in rows] or ["(none)"]
    return "\n".join([BEGIN, *lines, END])


def brief(*, goal: str) -> str:
    """Ask for the typed form of the user's sentence."""
    return _fill("brief", goal=goal)


def explore(*, goal: str, focus: str, domain: str) -> str:
    """Tell the scout what it is for."""
    return _fill("explore", goal=goal, focus=focus, domain=domain)


def hypothesize(
    *,
    goal: str,
    focus: str,
    domain: str,
    changes: str,
    agreed: str,
    noticed: str,
    cells: str,
    known: str,
    tried: str,
    most: int,
) -> str:
    """Ask for the failures that explain the pairs."""
    facts = {"changes": changes, "agreed": agreed, "noticed": noticed, "cells": cells, "known": known, "tried": tried}
    return _fill("hypothesize", goal=goal, focus=focus, domain=domain, most=str(most), **facts)


def regions(*, goal: str, noun: str, regions: str) -> str:
    """Ask for regions of failure in words."""
    return _fill("regions", goal=goal, noun=noun, regions=regions)


def design(*, sentences: str, used: str, task: str, change: str, count: int) -> str:
    """Ask for fresh pairs; the task is `probes` or `controls`."""
    return _fill("design", sentences=sentences, used=used, task=task, change=change, count=str(count))


def probes() -> str:
    """Say what a probe is."""
    return _fill("probes")


def controls() -> str:
    """Say what a control is."""
    return _fill("controls")


def refine(*, hypothesis: str, verdict: str, failed: str, passed: str, confused: str) -> str:
    """Ask what to do with an inconclusive hypothesis."""
    return _fill("refine", hypothesis=hypothesis, verdict=verdict, failed=failed, passed=passed, confused=confused)


def relate(*, hypothesis: str, known: str) -> str:
    """Ask how a confirmed failure relates to the known ones."""
    return _fill("relate", hypothesis=hypothesis, known=known)


def chat(*, audit: str, findings: str) -> str:
    """Tell a chat model how to answer questions about an audit."""
    return _fill("chat", audit=audit, findings=findings)


def meaning(*, pairs: str) -> str:
    """Ask whether the two texts of each pair mean different things."""
    return _fill("meaning", pairs=pairs)


def which(*, texts: str) -> str:
    """Ask which of two texts a picture shows."""
    return _fill("which", texts=texts)


def paraphrase(*, text: str, count: int) -> str:
    """Ask for rewordings of a text."""
    return _fill("paraphrase", text=text, count=str(count))


def answer(*, schema: str) -> str:
    """Ask for JSON in the text, for servers that know neither schemas nor function calls."""
    return _fill("answer", schema=schema)


def repair(*, problem: str, schema: str) -> str:
    """Show a model what was wrong with its answer."""
    return _fill("repair", problem=problem, schema=schema)


@cache
def template(name: str) -> Template:
    """Return a prompt file as a template."""
    return Template(resources.files("faultfinder.prompts").joinpath(f"{name}.md").read_text(encoding="utf-8").strip())


def _fill(name: str, **values: str) -> str:
    return template(name).substitute(values)


def _one_line(value: Row | str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
