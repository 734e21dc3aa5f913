"""Why an approval or a vote counts for nothing. Which words a person reads is not decided here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Void(StrEnum):
    """What is wrong with it."""

    CHANGED_SINCE = "changed-since"  # what it is about was changed after it was given
    CHANGED_WITH_IT = "changed-with-it"  # it was first seen together with such a change
    CHANGED_PERHAPS = "changed-perhaps"  # nobody says whether there was such a change
    OUTGROWN = "outgrown"  # a group that it reaches has grown a lot since
    LATE = "late"  # it was given after our deadline, or nobody says when


@dataclass(frozen=True, slots=True)
class CountsForNothing:
    """The same as a reason in the audit."""

    void: Void
    code: Literal["counts-for-nothing"] = "counts-for-nothing"
