"""The command that talks about an audit: `chat`."""

from pathlib import Path
from typing import Annotated

import typer

from faultfinder.agent.command import options
from faultfinder.agent.command.audit import OUT
from faultfinder.agent.folder.names import checked_name

Question = Annotated[
    str | None,
    typer.Argument(help="What to ask; without one, ask on at a prompt, or one question a line from a pipe."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object an answer: answer, citations, tools, cost.")]
ChatLlm = Annotated[
    str | None,
    typer.Option(
        "--llm",
        help="Who answers: 'offline' (rules, no key, no network) or openai:MODEL.",
        rich_help_panel=options.MODEL,
        show_default="as in the audit",
    ),
]


def chat(
    name: options.Name,
    question: Question = None,
    out: options.Out = OUT,
    llm: ChatLlm = None,
    llm_url: options.LlmUrl = None,
    as_json: Json = False,
    max_minutes: options.Minutes = None,
    max_hypotheses: options.Hypotheses = None,
    max_llm_calls: options.LlmCalls = None,
    max_tokens: options.Tokens = None,
    max_usd: options.Usd = None,
    max_images: options.Images = None,
) -> None:
    """Ask about an audit. Every claim of an answer cites the finding or case that bears it out, checked by a program.

        faultfinder chat where-things-are "what failed?"

        faultfinder chat where-things-are "does it hold for stars?"

    The second runs a real experiment on fresh inputs, under the audit's own statistics and budget; the report shows it
    under "Asked afterwards". Without a question it asks at a prompt, with the history of earlier sittings; from a pipe
    it answers one question a line. Limits given here replace the audit's own; what was spent stays spent.

    Exit codes: 0 answered, 2 something to correct, 3 the model under audit failed, 130 interrupted.
    """
    from faultfinder.agent.chat.terminal import talk

    limits = options.limits(max_minutes, max_hypotheses, max_llm_calls, max_tokens, max_usd, max_images)
    folder: Path = out / checked_name(name)
    raise typer.Exit(talk(folder, question, limits, llm, llm_url, as_json=as_json))
