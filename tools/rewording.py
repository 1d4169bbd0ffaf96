"""Rewordings that keep the meaning, for any sentence, without a model."""

import re

TEMPLATES = ("photo: {text}", "this is {inner}", "{text}, pictured", "a photo of {inner}", "there is {inner}")
"""Chosen by bench/agreement_study.py; docs/agreement.md has the figures."""

_LOWERED = re.compile(r"(?:[A-Z][a-z]*|A)(?=\s)")
_TRAILING = " .!"


class TemplateRewriter:
    """Frames a sentence in a few ways that say nothing new: "photo: X", "this is X", "X, pictured"."""

    name = "templates"

    def rewordings(self, text: str) -> list[str]:
        """Return one rewording a template, none equal to the text; the text's own full stop is kept."""
        body = text.strip().rstrip(_TRAILING)
        mark = "." if text.rstrip().endswith(".") else ""
        inner = body[:1].lower() + body[1:] if _LOWERED.match(body) else body
        return [template.format(text=body, inner=inner) + mark for template in TEMPLATES]
