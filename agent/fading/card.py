"""The model card that goes with the changed model: what was changed, with what, how, and what it cost."""

from faultfinder.agent.fading.records import FadeFile
from faultfinder.agent.fading.words import COLUMNS, conclusion, notes, rows


def card(fade: FadeFile) -> str:
    """Return the card as Markdown."""
    settings, data = fade.settings, fade.data
    parts = [
        f"# {_text(settings.target)}, with a failure trained away",
        f"**{_text(conclusion(fade))}**",
        f"The failure, proven by the audit `{_text(settings.audit)}` as {settings.failure}: {_text(fade.description)}",
        f"Open it as `{_text(fade.model or '')}`.",
        "## Before and after",
        _table([COLUMNS, *(row.cells for row in rows(fade))]),
        *(f"- {_text(note)}" for note in notes(fade)),
        "## Data",
        f"{_text(data.source)}. Parts share no input and no text; {data.left_out:,} inputs were left out because the "
        "audit, or another part, has used them or one of their texts.",
        _table(
            [
                ("part", *data.counted),
                *((a.part, f"{a.lessons:,}", f"{a.contrasts:,}", f"{a.guarded:,}") for a in data.amounts),
            ]
        ),
        "## Recipe",
        f"{_text(fade.method[:1].upper() + fade.method[1:])}; running average of the weights; interpolation with the "
        f"original. {settings.recipe.model_dump_json()}, guard {settings.guard:g}, {settings.minutes:g} minutes at "
        "most.",
        f"- {fade.guard_rule}",
        f"- {fade.fate_rule}",
    ]
    return "\n\n".join(parts) + "\n"


def _table(lines: list[tuple[str, ...]]) -> str:
    head, *body = ([_text(cell) for cell in line] for line in lines)
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *body))


def _text(said: str) -> str:
    """Return a text as one line that Markdown takes for text."""
    return " ".join(said.split()).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
