"""Orders from chat, on their way into Intune."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from approvals.order import Act, Order, Unknown
from approvals.problems import Problem
from handlers.ports.intune import Row

MOST_CANDIDATES = 10
"""Most candidates to choose from; beyond that the words have to be more precise."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that the typed words may refer to. `lines` are label and value, enough to tell it from others of its
    name."""

    id: str
    name: str
    lines: tuple[tuple[str, str], ...] = ()


class Matches(tuple[Candidate, ...]):
    """Candidates for the typed words, as many as can be shown; `total` is how many there are."""

    total: int

    def __new__(cls, found: Sequence[Candidate] = ()) -> Self:
        """Keep the first of what was found."""
        shown = super().__new__(cls, found[:MOST_CANDIDATES])
        shown.total = len(found)
        return shown


@dataclass(frozen=True, slots=True)
class Plan:
    """Preview of an order, read now.

    `row` is the request as Intune would show it, without an id; `platform` is Intune's word for the policies that could
    hold it. `in_groups` are the object ids of the groups that hold the device or all of its users, `near_groups` of
    those that hold the device or any of its users. Both are incomplete if the directory does not know everything;
    `unknown` says what is missing. `problem` is what prevents an assignment, and `is_so` says that it is assigned
    already.
    """

    row: Row
    platform: str
    in_groups: frozenset[str]
    near_groups: frozenset[str]
    unknown: tuple[Unknown, ...] = ()
    problem: Problem | None = None
    is_so: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One exact write to Graph. `path` begins with the version."""

    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Taken:
    """Graph's answer to a filing call: the id under which Intune holds it, or empty if it was carried out at once.

    `answer_id` is Graph's request-id.
    """

    intune_id: str
    answer_id: str


class Progress(StrEnum):
    """Progress of an operation since it was sent.

    `GONE`: Intune does not show the target now. `STOPPED`: one of this kind failed or was canceled, at an unknown time.
    `ANEW`: the device was enrolled again since then.
    """

    WAITING = "waiting"
    RUNNING = "running"
    GONE = "gone"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    ANEW = "anew"


class Orders(Protocol):
    """Finds the targets of orders and builds their calls. Only reads."""

    async def find(self, act: Act, words: str) -> Matches:
        """Return matches for these words: a device by name, serial number or user; a script, role or policy by name.

        Blank words match nothing, nor does a dummy serial number; at most `MOST_CANDIDATES` are shown, exact names
        first.
        """

    async def find_groups(self, words: str) -> Matches:
        """Return the groups of this display name."""

    async def plan(self, order: Order) -> Plan:
        """Return what it would do, read now; `NotFound` if the target or the group is gone."""

    async def is_held(self, policy_type: str, platform: str) -> bool:
        """Return whether Intune has an active access policy for this, read now. Exclusions cannot be seen."""

    async def call_for(self, order: Order) -> Call:
        """Return the exact call of an order. An assignment keeps existing ones, so these are read first; raise
        `Conflict` if they cannot be kept."""

    async def progress(self, order: Order, since: datetime) -> Progress:
        """Return the progress of a call that was sent at `since`."""


class Filer(Protocol):
    """The application that files, completes and cancels orders in Intune."""

    @property
    def app_id(self) -> str:
        """The id of the application."""

    async def file(self, call: Call, justification: str) -> Taken:
        """Send it once, with a justification of at most 1024 characters. `Conflict`: another request is open for it.

        `Unavailable` means that it may or may not be held, or may even have been carried out.
        """

    async def complete(self, call: Call, intune_id: str) -> str:
        """Send the approved call again, once; return Graph's request-id. `Forbidden` if Intune does not accept it."""

    async def cancel(self, intune_id: str) -> None:
        """Cancel what we filed and nobody has approved."""


class Vault(Protocol):
    """Encrypts stored calls, and marks in Intune what this installation has filed."""

    def seal(self, request_id: str, call: Call) -> str:
        """Return the call as text that only we can read, and only for this request."""

    def open(self, request_id: str, sealed: str) -> Call:
        """Return the call; raise `ValueError` if it was sealed with another key or for another request."""

    def proof(self, request_id: str) -> str:
        """Return eight letters and digits that only this installation can make for this request."""

    def proves(self, request_id: str, proof: str) -> bool:
        """Return whether this installation has made the proof, also with an earlier key."""


@dataclass(frozen=True, slots=True)
class FilingRoom:
    """The parts that are needed to file orders in Intune."""

    filer: Filer
    vault: Vault
