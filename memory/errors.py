"""Every error that Faultfinder raises on purpose.

    FaultfinderError              anything a user can act on; the command line prints it without a traceback
    |-- SpecError                 a target, reference or corpus name that cannot be resolved
    |-- CorpusError               a corpus that cannot be read (file and line in the message)
    |-- TargetError               a model that answers with the wrong shape, NaN, or not at all
    |-- ModelCallError            a chat model that cannot be reached or does not answer as asked
    |   |-- RequestRefused        a server that refuses the request as it is (another form may be taken)
    |   `-- ReplyError            a reply out of form, empty or refusing, after the repair round
    |-- OptionError               a setting of an audit that is out of its range, or missing
    |-- AuditError                an audit folder that is missing, taken, unreadable or not writable
    |-- SuiteError                a suite or a baseline that cannot be read, or a check that could not be run
    |-- LabelError                people's answers that cannot be read or taken (file and line in the message)
    |-- PictureRefused            a generator that will not paint a prompt; the case is UNSCORABLE
    |-- ExplorerError             an explorer that cannot be opened, or was to learn and did not
    |-- ResponseRefused           a text model that will not answer a text; the case is UNSCORABLE
    |-- MemoryStoreError          a failure memory that cannot be opened or searched
    `-- ToolError                 a tool used wrongly by the strategist; told to it, not to the person

    Stop                          control flow, not an error: the audit ends here, with a reason
    |-- BudgetSpent               a limit is reached
    |-- Waiting                   something only a person can do comes first: pictures to drop in, questions to answer
    `-- Interrupted               the person asked to stop

A message says what happened, with which input, and what to do.
"""


class FaultfinderError(Exception):
    """Base of every error a user can act on."""


class SpecError(FaultfinderError):
    """Raised when a spec such as ``open_clip:ViT-B-32`` cannot be resolved."""


class CorpusError(FaultfinderError):
    """Raised when a corpus cannot be read or holds nothing to work with."""


class TargetError(FaultfinderError):
    """Raised when a model under audit (or a reference) answers wrongly: shape, NaN, exception."""


class ModelCallError(FaultfinderError):
    """Raised when a chat model cannot be reached or keeps answering out of form."""


class RequestRefused(ModelCallError):  # noqa: N818 - says what the server did
    """Raised when a chat server refuses a request for its form: HTTP 400 or 422."""


class ReplyError(ModelCallError):
    """Raised when a chat model's reply stays out of form, is empty, or is a refusal."""


class OptionError(FaultfinderError):
    """Raised when a setting of an audit is out of its range, or missing."""


class AuditError(FaultfinderError):
    """Raised when an audit folder cannot be created, read or resumed."""


class SuiteError(FaultfinderError):
    """Raised when a suite or a baseline cannot be read, or a check on it could not be run."""


class LabelError(FaultfinderError):
    """Raised when answers of people, in a file or from the page, cannot be read or taken."""


class PictureRefused(FaultfinderError):  # noqa: N818 - says what the generator did
    """Raised when a generator will not paint a prompt: content policy, blocked words."""


class ExplorerError(FaultfinderError):
    """Raised when an explorer cannot be opened, or was to learn and did not."""


class ResponseRefused(FaultfinderError):  # noqa: N818 - says what the model did
    """Raised when a text model will not answer a text: too long for it, content policy."""


class MemoryStoreError(FaultfinderError):
    """Raised when the failure memory cannot be opened or searched."""


class ToolError(FaultfinderError):
    """Raised by a tool for its caller, the strategist, to read and correct."""


class Stop(Exception):  # noqa: N818 - control flow, not an error
    """Ends the audit in order: the report is written from what is known."""

    def __init__(self, reason: str) -> None:
        """Keep the reason, which the report prints as ``stopped_by``."""
        super().__init__(reason)
        self.reason = reason


class BudgetSpent(Stop):
    """Raised before an action that would pass a limit."""


class Waiting(Stop):
    """Raised where an audit cannot go on before a person has done something; resuming goes on at the same step."""


class Interrupted(Stop):
    """Raised at the next safe point after the person asked to stop."""
