"""The wording of why an approval or a vote is void, to follow a colon."""

from typing import assert_never

from approvals.void import Void


def words_of(void: Void) -> str:
    """Return the words, without a full stop."""
    match void:
        case Void.CHANGED_SINCE:
            return "what it is about was changed after it was given"
        case Void.CHANGED_WITH_IT:
            return "it was first seen together with a change of what it is about"
        case Void.CHANGED_PERHAPS:
            return "nobody says whether what it is about was changed after it was given"
        case Void.OUTGROWN:
            return "a group that it reaches has grown a lot since it was given"
        case Void.LATE:
            return "it was given after the deadline here, or nobody says when"
        case _:
            assert_never(void)
