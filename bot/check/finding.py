"""What `check` finds: one line for each thing that was looked at."""

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """How grave a finding is: only `WRONG` keeps the bot from working."""

    GOOD = "✔"
    DOUBTFUL = "!"
    WRONG = "✘"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, and what to do where it is not good."""

    mark: Mark
    what: str
    advice: str = ""
