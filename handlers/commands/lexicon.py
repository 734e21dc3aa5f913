"""Every command of the bot: how it is written, what it does, and its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from approvals.order import Act, Option


class Name(StrEnum):
    """First word of a command."""

    WIPE = "wipe"
    RETIRE = "retire"
    DELETE = "delete"
    SCRIPT = "script"
    ROLE = "role"
    COMPLIANCE = "compliance"
    PENDING = "pending"
    STATUS = "status"
    MINE = "mine"
    WHOCAN = "whocan"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    UNLOCK = "unlock"
    BREAKGLASS = "breakglass"
    REVIEWS = "reviews"
    COVERAGE = "coverage"
    DELEGATE = "delegate"
    AUDIT = "audit"
    HISTORY = "history"
    HELP = "help"


class Takes(StrEnum):
    """Arguments of a command."""

    NOTHING = auto()
    TARGET = auto()
    TARGET_AND_GROUP = auto()
    REQUEST_ID = auto()
    REASON = auto()
    OPERATION = auto()
    POLICY_TYPE = auto()
    EMERGENCY = auto()
    DELEGATE = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """One command. `usage` is how it is written, `summary` what it does in a sentence."""

    usage: str
    summary: str
    takes: Takes
    options: frozenset[Option] = frozenset()

    @property
    def asks(self) -> bool:
        """Return whether it requests an operation, and so takes a reason and `--urgent`."""
        return self.takes in (Takes.TARGET, Takes.TARGET_AND_GROUP, Takes.EMERGENCY)


_WHY = '[--urgent] [--reason "…"]'

LEXICON: Mapping[Name, Entry] = {
    Name.WIPE: Entry(
        f"/wipe DEVICE [--keep-user-data] [--keep-enrollment] [--protected] {_WHY}",
        "Ask to reset a device to factory settings",
        Takes.TARGET,
        frozenset(Option),
    ),
    Name.RETIRE: Entry(f"/retire DEVICE {_WHY}", "Ask to remove company data from a device", Takes.TARGET),
    Name.DELETE: Entry(f"/delete DEVICE {_WHY}", "Ask to delete a device from Intune", Takes.TARGET),
    Name.SCRIPT: Entry(f"/script SCRIPT to GROUP {_WHY}", "Ask to assign a script to a group", Takes.TARGET_AND_GROUP),
    Name.ROLE: Entry(f"/role ROLE to GROUP {_WHY}", "Ask to assign an Intune role to a group", Takes.TARGET_AND_GROUP),
    Name.COMPLIANCE: Entry(
        f"/compliance POLICY to GROUP {_WHY}",
        "Ask to assign a compliance policy to a group",
        Takes.TARGET_AND_GROUP,
    ),
    Name.PENDING: Entry("/pending", "Show the requests that wait for approval", Takes.NOTHING),
    Name.STATUS: Entry("/status ID", "Show the status of a request", Takes.REQUEST_ID),
    Name.MINE: Entry("/mine", "Show your own open requests", Takes.NOTHING),
    Name.WHOCAN: Entry("/whocan OPERATION", "Show who can decide on an operation now", Takes.OPERATION),
    Name.CANCEL: Entry("/cancel ID", "Cancel your own request", Takes.REQUEST_ID),
    Name.PAUSE: Entry("/pause REASON", "Stop filing, approving and carrying out anything in Intune", Takes.REASON),
    Name.RESUME: Entry("/resume", "End the pause; two approvers must agree", Takes.NOTHING),
    Name.UNLOCK: Entry("/unlock TYPE", "Unlock a policy type; check its access policy first", Takes.POLICY_TYPE),
    Name.BREAKGLASS: Entry(
        '/breakglass ID, or /breakglass OPERATION TARGET [--drill] [--reason "…"]',
        "Emergency: set the quorum aside, or page on-call",
        Takes.EMERGENCY,
        frozenset(Option),
    ),
    Name.REVIEWS: Entry("/reviews", "Show the open reviews of emergencies", Takes.NOTHING),
    Name.COVERAGE: Entry("/coverage", "Show which operations can reach their quorum now", Takes.NOTHING),
    Name.DELEGATE: Entry(
        "/delegate PERSON [from DATE] until DATE, or /delegate myself",
        "Send your reminders to another approver while you are away (dates as 2026-12-24), or end that",
        Takes.DELEGATE,
    ),
    Name.AUDIT: Entry("/audit ID", "Show everything that was recorded about a request, for auditors", Takes.REQUEST_ID),
    Name.HISTORY: Entry("/history", "Show the latest decisions, for auditors", Takes.NOTHING),
    Name.HELP: Entry("/help", "Explain what Countersign does and list its commands", Takes.NOTHING),
}


def usage(name: Name) -> str:
    """Return how a command is written: capitals stand for what you fill in, brackets for optional parts."""
    return LEXICON[name].usage


def summary(name: Name) -> str:
    """Return what a command does."""
    return LEXICON[name].summary


def act_of(name: Name) -> Act:
    """Return the operation that a command requests; raise `ValueError` if it requests none."""
    return Act(name.value)
