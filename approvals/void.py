"""Reasons why an approval or a vote is void. The wording is in `cards/`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Void(StrEnum):
    """Reason why an approval or a vote is void."""

    CHANGED_SINCE = "changed-since"  # the content was changed after it was given
    CHANGED_WITH_IT = "changed-with-it"  # it was first seen together with a change of the content
    CHANGED_PERHAPS = "changed-perhaps"  # it is unknown whether the content was changed
    OUTGROWN = "outgrown"  # a group that it reaches has grown a lot since
    LATE = "late"  # it was given after our deadline, or its time is unknown


@dataclass(frozen=True, slots=True)
class CountsForNothing:
    """The same reason as the audit keeps it."""

    void: Void
    code: Literal["counts-for-nothing"] = "counts-for-nothing"
