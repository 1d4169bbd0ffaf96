"""Reading what an earlier check wrote, to compare with it."""

from pathlib import Path

from pydantic import ValidationError

from faultfinder.agent.suites.checking import Check
from faultfinder.agent.suites.files import Suite
from faultfinder.memory.errors import SuiteError


def read_baseline(path: Path, suite: Suite) -> Check:
    """Read a baseline: a file that `check --json` wrote, about cases of this suite.

    Raises:
        SuiteError: it cannot be read, is something else, or shares no case with the suite.
    """
    try:
        baseline = Check.model_validate_json(path.read_bytes())
    except OSError as error:
        raise SuiteError(
            f"cannot read the baseline {path} ({error.strerror}); `faultfinder check ... --json FILE` writes one"
        ) from error
    except ValidationError as error:
        raise SuiteError(
            f"{path} is no baseline that this version can read; `faultfinder check ... --json FILE` writes one"
        ) from error
    asked = {(case.key, case.a, case.b) for case in suite.cases}
    if not any((case.case, case.a, case.b) in asked for each in baseline.failures for case in each.cases):
        raise SuiteError(
            f"the baseline {path} shares no case with {suite.name}, so nothing can be compared: it was made from "
            f"{baseline.suite.name}. Check its target on this suite with --json first"
        )
    return baseline
