"""The findings of `check`: one line per thing that was checked."""

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """How serious a finding is. Only `WRONG` keeps the bot from working."""

    GOOD = "✔"
    DOUBTFUL = "!"
    WRONG = "✘"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line: what was checked, and what to do if it is not good."""

    mark: Mark
    what: str
    advice: str = ""
