"""Scripted minds that talk about an audit: one honest, one that makes things up. They read only what the tools told."""

import json
import re

SAID = {
    "how sure": ("show_finding", lambda finding: {"finding": finding}),
    "hold for": ("test_restriction", lambda finding: {"finding": finding, "restriction": "stars"}),
    "cost": ("audit_facts", lambda finding: {}),
    "compare": ("compare_texts", lambda finding: {"a": "a red ring", "b": "a blue ring"}),
}


def honest(messages: list[dict], tools: list[dict]) -> dict | str:
    """Look at the findings, then at what the question is about, then say what the tools said and cite it."""
    question = next(m["content"] for m in reversed(messages) if m["role"] == "user").lower()
    told = told_by_tools(messages)
    if "list_findings" not in told:
        return {"name": "list_findings", "arguments": {}}
    first = told["list_findings"]["findings"][0]
    tool, arguments = next((call for cue, call in SAID.items() if cue in question), (None, None))
    if tool and tool not in told:
        return {"name": tool, "arguments": arguments(first["id"])}
    return honest_words(tool, told, first)


def honest_words(tool: str | None, told: dict[str, dict], first: dict) -> str:
    """Say what a tool said."""
    if tool in ("show_finding", "test_restriction"):
        shown = told[tool]
        row, case = shown["row"], shown["failing"][0]
        return (
            f"{row['probes_failed']} of {row['probes_scored']} probes fail [{row['id']}]. "
            f'For example [{case["id"]}] fails: "{case["a"]}" is taken for the same as "{case["b"]}".'
        )
    if tool == "audit_facts":
        return f"The audit tested {told[tool]['tested']} hypotheses [audit]."
    if tool == "compare_texts":
        inner = json.loads(told[tool]["result"])
        return f"The two lie at {inner['target_similarity']} [{told[tool]['cite']}]."
    return f"[{first['id']}] is proven, with {first['probes_failed']} of {first['probes_scored']} probes failing."


INVENTED = (
    "The audit is of {target}. [{first}] is proven. Case [h99-p01] shows that it fails at night. "
    "[{case}] passes without trouble. [{first}] is refuted. 1 of 3 probes fail [{first}]. "
    'It fails on "a purple elephant in the fog" [{case}]. Vans are confused in 83 % of cases. What else is there?'
)
"""Two sentences that hold, six that do not, and a question."""


def lying(messages: list[dict], tools: list[dict]) -> dict | str:
    """Look at the findings, then make things up about them."""
    told = told_by_tools(messages)
    if "list_findings" not in told:
        return {"name": "list_findings", "arguments": {}}
    first = told["list_findings"]["findings"][0]["id"]
    if "show_finding" not in told:
        return {"name": "show_finding", "arguments": {"finding": first}}
    case = told["show_finding"]["failing"][0]["id"]
    return INVENTED.format(first=first, case=case, target="the model")


def told_by_tools(messages: list[dict]) -> dict[str, dict]:
    """Return what each tool has said since the last question, by its name."""
    begin = max(i for i, message in enumerate(messages) if message["role"] == "user")
    names = {
        call["id"]: call["function"]["name"] for message in messages[begin:] for call in message.get("tool_calls") or []
    }
    said = [message for message in messages[begin:] if message["role"] == "tool"]
    return {names[m["tool_call_id"]]: json.loads(m["content"]) for m in said if re.match(r"\s*[{\[]", m["content"])}
