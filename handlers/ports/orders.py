"""What is asked for in chat, on its way into Intune."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from approvals.order import Act, Order, Unknown
from approvals.problems import Problem
from handlers.ports.intune import Row

MOST_CANDIDATES = 10
"""More than that is no choice; then the words have to be more precise."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a person may have meant. `lines` are label and value, enough to tell it from its namesakes."""

    id: str
    name: str
    lines: tuple[tuple[str, str], ...] = ()


class Matches(tuple[Candidate, ...]):
    """What words may mean, as much of it as is a choice; `total` is how many there are."""

    total: int

    def __new__(cls, found: Sequence[Candidate] = ()) -> Self:
        """The first of what was found."""
        shown = super().__new__(cls, found[:MOST_CANDIDATES])
        shown.total = len(found)
        return shown


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order would do, read now.

    `row` is the request as Intune would show it, without an id; `platform` is Intune's word for the policies that
    could hold it. `in_groups` are the object ids of the groups that hold the device or all of its users, `near_groups`
    of those that hold the device or any of its users; neither says all where the directory does not know something of
    it, and `unknown` says what. `problem` is what stands in its way where it is to be assigned, and `is_so` says that
    it is assigned so already.
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
    """One write to Graph, to the byte. `path` begins with the version."""

    method: str
    path: str
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Taken:
    """Graph's answer to a filing call: the id under which Intune holds it, or empty where it was carried out at once.

    `answer_id` is Graph's request-id.
    """

    intune_id: str
    answer_id: str


class Progress(StrEnum):
    """How far an operation has come since it was sent.

    `GONE`: Intune does not show the target, at least not now. `STOPPED`: it shows that one of this kind failed or was
    canceled, and not when. `ANEW`: it shows the device as one that was enrolled since.
    """

    WAITING = "waiting"
    RUNNING = "running"
    GONE = "gone"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    ANEW = "anew"


class Orders(Protocol):
    """From words to a target, and to the call that does it. Only reads."""

    async def find(self, act: Act, words: str) -> Matches:
        """What these words may mean: a device by name, serial number or user; a script, role or policy by name.

        Nothing for blank words, and no device for a serial number that is none; at most `MOST_CANDIDATES` are shown,
        exact names first.
        """

    async def find_groups(self, words: str) -> Matches:
        """Groups of this display name."""

    async def plan(self, order: Order) -> Plan:
        """What it would do, read now; `NotFound` if the target or the group is gone."""

    async def is_held(self, policy_type: str, platform: str) -> bool:
        """Whether Intune has an active access policy for this, read now. Exclusions cannot be seen."""

    async def call_for(self, order: Order) -> Call:
        """The exact call that does it. An assignment keeps what is assigned already, so it is read first; `Conflict`
        where that cannot be kept."""

    async def progress(self, order: Order, since: datetime) -> Progress:
        """What has become of a call that was sent at `since`."""


class Filer(Protocol):
    """The application that files, completes and takes back what was asked for in chat."""

    @property
    def app_id(self) -> str:
        """Which application that is."""

    async def file(self, call: Call, justification: str) -> Taken:
        """Send it once, with a justification of at most 1024 characters. `Conflict`: another request is open for it.

        `Unavailable` means that it may or may not be held, or may even have been carried out.
        """

    async def complete(self, call: Call, intune_id: str) -> str:
        """Send the approved call again, once; returns Graph's request-id. `Forbidden` where Intune does not take it."""

    async def cancel(self, intune_id: str) -> None:
        """Take back what we filed and nobody has approved."""


class Vault(Protocol):
    """Keeps a call secret while it is stored, and marks in Intune what this installation has filed."""

    def seal(self, request_id: str, call: Call) -> str:
        """The call as text that only we can read, and only for this request."""

    def open(self, request_id: str, sealed: str) -> Call:
        """The call again; `ValueError` if it was sealed with another key or for another request."""

    def proof(self, request_id: str) -> str:
        """Return eight letters and digits that only this installation can make for this request."""

    def proves(self, request_id: str, proof: str) -> bool:
        """Tell whether this installation has made the proof, also with a key that was changed since."""


@dataclass(frozen=True, slots=True)
class FilingRoom:
    """What it takes to file in Intune what is asked for in chat."""

    filer: Filer
    vault: Vault
