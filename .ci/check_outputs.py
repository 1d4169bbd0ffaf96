"""Check what an audit has left behind: the findings, the suite, the report, the pictures."""

import json
import re
import sys
from pathlib import Path
from typing import Any

SCHEMA = "faultfinder.findings/1"
STATUSES = {"confirmed", "refuted", "inconclusive"}
SECTIONS = {"audit", "calibration", "budget", "hypotheses_tested", "correction", "findings"}
PNG = b"\x89PNG\r\n\x1a\n"


def main(folder: Path, *, downstream: bool = False) -> None:
    """Stop with a sentence at the first thing that is not as it should be.

    Args:
        folder: the audit's.
        downstream: whether every confirmed failure must have been followed into a generator.
    """
    found = json.loads(_text(folder / "findings.json"))
    confirmed, followed = check_findings(found), check_downstream(found, folder)
    demand(not downstream or followed == confirmed > 0, f"{followed} of {confirmed} failures were followed downstream")
    replayable = check_suite(_text(folder / "suite.jsonl"))
    check_report(_text(folder / "report.html"))
    pictures = check_pictures(folder / "images")
    demand((folder / "audit.db").stat().st_size > 0, "audit.db is empty")
    print(
        f"{folder.name}: {confirmed} confirmed, {followed} of them followed downstream, "
        f"{replayable} replayable cases, {pictures} pictures"
    )


def check_findings(found: dict[str, Any]) -> int:
    """Return how many findings are confirmed, after checking the schema's names and the denominators."""
    demand(found.get("schema") == SCHEMA, f"findings.json: schema is {found.get('schema')!r}, not {SCHEMA!r}")
    demand(found.keys() >= SECTIONS, f"findings.json lacks {sorted(SECTIONS - found.keys())}")
    demand(len(found["findings"]) > 0, "findings.json: no hypothesis was tested")
    for finding in found["findings"]:
        demand(finding["status"] in STATUSES, f"{finding['id']}: status {finding['status']!r}")
        check_counts(finding["id"], finding["probes"])
        check_counts(finding["id"], finding["control"])
    return sum(finding["status"] == "confirmed" for finding in found["findings"])


def check_downstream(found: dict[str, Any], folder: Path) -> int:
    """Return how many findings were followed into a generator, after checking what was painted of them."""
    followed = [finding for finding in found["findings"] if finding.get("downstream")]
    for finding in followed:
        demand(finding["status"] == "confirmed", f"{finding['id']}: followed downstream, and not confirmed")
        downstream = finding["downstream"]
        check_counts(f"{finding['id']} downstream", downstream["probes"])
        check_counts(f"{finding['id']} downstream", downstream["control"])
        for case in downstream["cases"]:
            for side in filter(None, (case["painted_a"], case["painted_b"])):
                picture = folder / "images" / f"{side['image']}.png"
                demand(side["image"] is None or picture.is_file(), f"{case['case']}: {picture} is missing")
    return len(followed)


def check_counts(where: str, counts: dict[str, Any]) -> None:
    """Demand that the five outcomes add up to n and that the rate lies in its interval."""
    total = sum(counts[outcome] for outcome in ("fail", "pass", "unscorable", "error", "invalid"))
    demand(total == counts["n"], f"{where}: outcomes add up to {total}, n is {counts['n']}")
    low, high = counts["interval"]
    demand(counts["rate"] is None or low <= counts["rate"] <= high, f"{where}: the rate is outside its interval")


def check_suite(text: str) -> int:
    """Return how many cases the suite holds, each a JSON object with both texts."""
    cases = [json.loads(line) for line in text.splitlines()]
    demand(all(case["a"] != case["b"] for case in cases), "suite.jsonl: a case whose two texts are the same")
    return len(cases)


def check_report(html: str) -> None:
    """Demand pictures inside and nothing fetched from outside."""
    demand("data:image/" in html or "<svg" in html, "report.html holds no picture")
    fetched = re.findall(r"""(?:src|href)\s*=\s*["']((?:https?:)?//[^"']*)""", html)
    demand(not fetched, f"report.html fetches {fetched[:3]}")


def check_pictures(folder: Path) -> int:
    """Return how many pictures there are, all of them PNG."""
    pictures = sorted(folder.glob("*.png"))
    demand(len(pictures) > 0, f"{folder} holds no picture")
    for picture in pictures:
        demand(picture.read_bytes().startswith(PNG), f"{picture} is not a PNG file")
    return len(pictures)


def demand(holds: bool, otherwise: str) -> None:
    """Stop the check with a sentence when something does not hold."""
    if not holds:
        sys.exit(f"outputs: {otherwise}")


def _text(path: Path) -> str:
    demand(path.is_file(), f"{path} is missing")
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), downstream="--downstream" in sys.argv[2:])
