"""How an audit ends, or pauses, when no limit stops it."""

INTERRUPTED = "interrupted"
"""The person asked to stop."""

STOPPING = "stopping after the step in hand, then writing the report (nothing found is lost)"
"""What is said when somebody asks to stop."""

ONCE_MORE = "; once more quits at once"
"""What is said besides where asking again does."""

NOTHING_NEW = "nothing new to test"
"""The scout measured pairs of different meaning and found no more that the target takes for one."""

NOTHING_MEASURED = "nothing to measure"
"""The scout found no pair that anybody could judge."""

ENOUGH_SEEN = "another hour would probably find nothing"
"""An audit that explores has been over its map often enough; the report gives the estimate."""

WAITING = "waiting for "
"""How the reason begins where a person has to do something first; resuming goes on at the same step."""

FOR_PEOPLE = f"{WAITING}people"
"""Questions are open, and the audit was told to wait for the answers."""

PAUSED = "paused: "
"""How the reason begins where the chat model keeps failing; resuming tries the same step again."""
