"""What the flows need from the world, and how the world may fail them.

PortError                a neighbour did not do what was asked
├── Throttled            too much at once; `retry_after` seconds if it said so
├── Unavailable          did not answer, or answered 5xx; a write may or may not have happened
├── NotFound             it knows no such thing, or hides it from us
├── Forbidden            it will not let us (or the person) do that
├── Conflict             the thing is in another state than the call needs
├── Gone                 a posted card can no longer be edited
├── Unreachable          this person or channel cannot be written to
├── Unsendable           this can never be sent as it is
└── SignInFailed         a person's token could not be had or did not hold; `trouble` says why
"""

from collections.abc import AsyncIterator, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from approvals.audit import AuditEntry, Kind
from approvals.brake import Brake
from approvals.effects import Effect, Medium, Notice, Planned
from approvals.order import Act, Order, Unknown
from approvals.people import Person
from approvals.request import Request, Verdict
from approvals.sighting import Standing
from cards.letters import Letter

T = TypeVar("T")

Card = dict[str, Any]
"""A finished Adaptive Card."""


class PortError(Exception):
    """A neighbour did not do what was asked. `request_id` is the neighbour's own, for the log and the audit."""

    def __init__(self, message: str, *, request_id: str = "") -> None:
        super().__init__(message)
        self.request_id = request_id


class Throttled(PortError):
    """Too much at once. `retry_after` is in seconds, `None` where the neighbour did not say."""

    def __init__(self, message: str, *, retry_after: float | None = None, request_id: str = "") -> None:
        super().__init__(message, request_id=request_id)
        self.retry_after = retry_after


class Unavailable(PortError):
    """No answer, or a 5xx: a write may or may not have happened."""


class NotFound(PortError):
    """No such thing, or hidden from us."""


class Forbidden(PortError):
    """Not allowed, for us or for the person in whose name we asked."""


class Conflict(PortError):
    """The thing is in another state than the call needs."""


class Gone(PortError):
    """A posted card can no longer be edited: deleted, archived, or the bot was removed."""


class Unreachable(PortError):
    """This person or channel cannot be written to."""


class Unsendable(PortError):
    """This can never be sent as it is."""


class SignInTrouble(StrEnum):
    """Why a person's token could not be had or did not hold."""

    NO_CONSENT = "no-consent"
    MORE_PROOF = "more-proof"  # multi-factor authentication
    BLOCKED = "blocked"  # Conditional Access
    OTHER_PERSON = "other-person"
    INVALID = "invalid"
    EXPIRED = "expired"


class SignInFailed(PortError):
    """A person's token could not be had. `claims` is what Entra wants proved, to be passed on to the sign-in page."""

    def __init__(self, trouble: SignInTrouble, message: str, *, claims: str = "") -> None:
        super().__init__(message)
        self.trouble = trouble
        self.claims = claims


# --- time ---------------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """The one time that all replicas agree on."""

    async def now(self) -> datetime:
        """The present, aware, in UTC."""


# --- the store ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Once:
    """The identity of something a person did, so that its repetition changes nothing.

    `id` is the activity's id, `fingerprint` a hash over person and body without any token; `notice` is the sentence
    that the person was shown, to be shown again.
    """

    id: str
    fingerprint: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Write:
    """All that one decision changes, to be stored in one step.

    `changed` is false for a refusal: then only the entries and the click are recorded, rate-limited per `person`.
    Nothing is stored where a brake called like one of `unless` is on; `locks` are pulled. `asked` makes it one more
    order of its initiator, if no other was asked for meanwhile.
    """

    request: Request
    changed: bool
    entries: tuple[AuditEntry, ...]
    planned: tuple[Planned, ...]
    at: datetime
    once: Once | None = None
    person: str = ""
    unless: tuple[str, ...] = ()
    locks: tuple[Brake, ...] = ()
    asked: "Asked | None" = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for something in chat since a moment: one account for each order, oldest first."""

    since: datetime
    accounts: tuple[str, ...]


class Stored(StrEnum):
    """What became of a write."""

    SAVED = "saved"
    CONFLICT = "conflict"  # somebody else was faster: decide again on fresh state
    REPEATED = "repeated"  # this very click is stored already; nothing changed
    FORGED = "forged"  # this click id is stored with another body or person; nothing changed
    OTHER_CONFIG = "other-config"  # another configuration is active; nothing changed
    BRAKED = "braked"  # a brake is on, and the notice says which; nothing changed


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a write, and the notice of the first time where it was a repetition."""

    stored: Stored
    notice: str = ""


class Requests(Protocol):
    """Requests with their audit and effects: one atomic step per write."""

    async def load(self, request_id: str) -> Request | None: ...

    async def load_by_intune_id(self, intune_id: str) -> Request | None: ...

    async def open_ids(self) -> tuple[str, ...]:
        """Every request that has not reached Intune's own end, oldest first."""

    async def seen(self, once: Once) -> Receipt | None:
        """REPEATED or FORGED if this click id is known, else nothing."""

    async def commit(self, write: Write) -> Receipt:
        """Store all of it or nothing. Compares `request.revision` with what is stored, and stores it plus one."""

    async def record(self, entries: Sequence[AuditEntry]) -> None:
        """Audit entries that belong to no decision (started, posted, configuration loaded)."""

    async def refuse(self, entry: AuditEntry) -> None:
        """A refusal that belongs to no request; so many of one person within a minute are recorded."""

    async def recorded(self, request_id: str, since: datetime) -> tuple[AuditEntry, ...]:
        """What was recorded of a request since then, oldest first, as far as it is still at hand."""

    async def recorded_last(self, kinds: Container[Kind], most: int) -> tuple[AuditEntry, ...]:
        """The last `most` entries of these kinds, oldest first, as far as they are still at hand."""

    async def asked_since(self, since: datetime) -> Asked:
        """Who has asked for something in chat since then."""


class Drafts(Protocol[T]):
    """What people are about to do; forgotten by itself when its time is over."""

    async def save(self, draft: T) -> None: ...

    async def load(self, draft_id: str) -> T | None: ...


class Notices(Protocol):
    """What is gathered for one recipient until it is delivered as one message."""

    async def add(
        self, medium: Medium, target: str, notice: Notice, now: datetime, due: datetime, *, patient: bool = False
    ) -> None:
        """Gather it, to be delivered when what was gathered first is due, at `due` at the latest.

        One that is `patient` leaves a delivery that is planned where it is, also where that is later.
        """

    async def waiting(self, medium: Medium, target: str) -> tuple[Notice, ...]:
        """What is gathered, in the order of the requests."""

    async def delivered(self, medium: Medium, target: str, notices: Sequence[Notice]) -> None:
        """Forget what was told; what came in meanwhile stays."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """Whoever is away has somebody else asked, from one moment to another. It gives nobody a right."""

    away: str
    delegate: str
    start: datetime
    end: datetime


class Memory(Protocol):
    """Small things to be remembered."""

    async def delegations(self) -> tuple[Delegation, ...]: ...

    async def delegate(self, delegation: Delegation) -> None:
        """In place of any earlier one of the same person."""

    async def gaps(self) -> dict[str, str]:
        """Which workflows could not reach their quorum when the operators were last told, and why."""

    async def save_gaps(self, gaps: Mapping[str, str]) -> None: ...

    async def ledger(self) -> "LedgerMark | None":
        """Return how far the emergency process last told that its ledger had come."""

    async def save_ledger(self, mark: "LedgerMark") -> None: ...


class Brakes(Protocol):
    """The brakes that are on."""

    async def on(self) -> tuple[Brake, ...]: ...

    async def swap(
        self,
        before: Brake | None,
        after: Brake | None,
        entries: Sequence[AuditEntry],
        planned: Sequence[Planned] = (),
    ) -> bool:
        """Put one state of a brake in the place of another (`None` is off), in one step with what is recorded and
        what follows.

        False, and nothing happens, if it is in another state meanwhile.
        """


@dataclass(frozen=True, slots=True)
class Copy:
    """One posted card, known by the `attempt` to post it.

    `activity_id` is empty while its post is under way or its answer was lost. `lost` means that it could not be edited.
    `adopted` means that only a click says that it stands there: no edit has reached it yet.
    """

    request_id: str
    channel: str
    conversation: str = ""
    activity_id: str = ""
    lost: bool = False
    attempt: str = ""
    adopted: bool = False

    @property
    def lives(self) -> bool:
        """Return whether it stands in Teams and is kept true."""
        return bool(self.activity_id) and not self.lost

    def stands_in(self, channel: str) -> bool:
        """Return whether it stands in this channel, group chat or 1:1 chat of Teams."""
        return self.lives and channel_of(self.conversation) == channel


class Copies(Protocol):
    """Where the cards of a request stand."""

    async def of(self, request_id: str) -> tuple[Copy, ...]: ...

    async def save(
        self, copy: Copy, entries: Sequence[AuditEntry] = (), planned: Sequence[Planned] = (), *, drawn_from: int = 0
    ) -> None:
        """Remember it, what is recorded of it and what follows, in one step.

        Its message is this copy's from then on, also if a click had said otherwise. Nothing follows if the request
        still has the revision that the card was `drawn_from`, and its message was nobody else's.
        """

    async def swap(self, before: Copy | None, after: Copy | None, planned: Sequence[Planned] = ()) -> bool:
        """Put one state of a copy in the place of another (`None`: not known), with what follows, in one step.

        False, and nothing happens, if it is in another state meanwhile, or if its message is another copy's.
        """


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect that is ours until the lease ends. `attempt` counts from 1; `token` fences late answers."""

    id: str
    effect: Effect
    attempt: int
    token: str


class Outbox(Protocol):
    """What is due, leased to one replica at a time."""

    async def plan(self, planned: Sequence[Planned], at: datetime) -> None:
        """Have this done although no decision asks for it (a card found that nobody knew of)."""

    async def claim(self, limit: int) -> Sequence[Claimed]:
        """Effects that are due now; each stays ours for one lease."""

    async def done(self, claimed: Claimed) -> bool:
        """Forget it; false if the lease was lost or it was planned anew meanwhile."""

    async def again(self, claimed: Claimed, at: datetime, why: str, *, excused: bool = False) -> bool:
        """Try later; after the last attempt it becomes a dead letter. An attempt that is `excused` hardly counts: a
        neighbour was away."""

    async def first_due(self) -> datetime | None:
        """When the first of all effects is due, or was if nobody has claimed it; `None` where there is none."""

    async def dead_letters(self) -> Sequence[Mapping[str, str]]:
        """What was given up: `id`, `why`, `since`. For the operator."""

    async def wait(self, timeout: float) -> None:
        """Return when something may be due, after `timeout` seconds at the latest."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a store that went back has lost: how many audit entries, and the requests that are known to be touched.

    `ended` are those of them of which it has lost that they were cancelled, rejected or expired. `told` says that the
    operators know already, because Intune could not be searched at once.
    """

    entries: int
    requests: tuple[str, ...]
    ended: frozenset[str] = frozenset()
    told: bool = False


class Continuity(Protocol):
    """Whether the store is still the one that it was."""

    async def doubt(self, why: str) -> None:
        """Stop calls to Intune until an operator accepts the store, because of what was found elsewhere."""

    async def loss(self) -> Loss | None:
        """Return what the store has lost and was not looked for yet."""

    async def told(self) -> None:
        """Remember that the operators know of the loss."""

    async def recovered(self, loss: Loss, entries: Sequence[AuditEntry], planned: Sequence[Planned]) -> bool:
        """Let calls go on after this loss was looked for; false if more was found to be lost meanwhile."""


@dataclass(frozen=True, slots=True)
class Polling:
    """How polling goes, the same for all replicas.

    A poll is complete when every row was taken in and the watermark moved. `wanted_since` is when the first replica
    wanted one; `stuck` are the rows, by Intune's id, that the last incomplete one could not take in.
    """

    wanted_since: datetime
    complete_at: datetime | None = None
    alarmed: bool = False
    stuck: tuple[str, ...] = ()
    beaten_at: datetime | None = None

    @property
    def blind_since(self) -> datetime:
        """From when on nobody knows what Intune has to say."""
        return self.complete_at or self.wanted_since


class PollState(Protocol):
    """The one poller's memory and its lease."""

    async def lead(self, replica: str) -> bool:
        """Become or stay the one poller; false if another replica is, or if this one stands back."""

    async def release(self, replica: str) -> None:
        """Leave polling to whoever asks next."""

    async def stand_back(self, replica: str, pause: timedelta) -> None:
        """Leave polling to the others, until every one of them has had the time to take it, and a pause longer."""

    async def watermark(self) -> datetime | None:
        """Up to where Intune was read; `None` before the very first poll."""

    async def complete(self, to: datetime, recovered: Sequence[Planned] = ()) -> None:
        """Everything up to here was taken in: the watermark, the time of it and the end of an alarm, in one step.

        `recovered` is planned only where it was alarmed that no poll is complete.
        """

    async def incomplete(self, stuck: Sequence[str]) -> None:
        """Remember which rows could not be taken in, until a poll is complete."""

    async def polling(self) -> Polling:
        """How polling goes, for all replicas together."""

    async def alarm(self, seen: Polling, planned: Sequence[Planned]) -> bool:
        """Have it told that no poll is complete, once until one is. False, and nothing happens, if it was alarmed or
        is over meanwhile."""

    async def beaten(self) -> None:
        """Remember that a heartbeat was sent now."""


# --- Microsoft Graph ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody named in Graph: `is_person` tells a user from an application."""

    id: str
    name: str
    is_person: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A request as Graph returns it, parsed tolerantly. `raw_status` is kept for words we do not know.

    `payload` is the decoded held object or action parameters; `existing` and `added` are assignments. Missing
    fields are empty. `modified_at` is when the request itself last moved, `None` where Intune does not say.
    """

    id: str
    raw_status: str
    policy_types: tuple[str, ...]
    kind: str
    operation: str
    action: str
    target_id: str
    target: str
    payload: Mapping[str, Any]
    devices: tuple[Mapping[str, str], ...]
    requestor: Identity | None
    approver: Identity | None
    justification: str
    approval_note: str
    filed_at: datetime
    expires_at: datetime
    modified_at: datetime | None
    patch: Mapping[str, Any] = field(default_factory=dict)
    added: tuple[Mapping[str, Any], ...] = ()
    existing: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What a payload points to, read now: a hash over it, lines fit for a card, and script text where there is one.

    `modified_at` is when that was last changed: `None` where Intune does not say, `UNCHANGING` where the request itself
    says everything. It is no part of the hash, because it also moves where nothing changes that a reviewer judges.
    """

    sha256: str = ""
    facts: tuple[tuple[str, str, str], ...] = ()  # label, value, value before
    script: str = ""
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UserToken:
    """A Graph token of one person, good for one call. Its text never shows in a log or a traceback.

    `proof` is what Entra signed for us about who they are, where another process has to see that for itself.
    """

    account: str
    text: str = field(repr=False)
    proof: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Audited:
    """What Intune's audit says that an account did: the event's id, what, to what (`about` are the ids), and when."""

    event_id: str
    by: str
    what: str
    target: str
    about: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalEvent:
    """An approval by Intune's audit: when it was given, and by whom where the event names somebody."""

    at: datetime
    by: Identity | None


class Intune(Protocol):
    """Approval requests in Intune."""

    def changed_since(self, since: datetime | None) -> AsyncIterator[Row]:
        """Requests of every status that changed at or after `since`, in no particular order."""

    async def get(self, intune_id: str) -> Row:
        """One request; `NotFound` if it is gone or hidden."""

    async def content(self, row: Row) -> Content:
        """What the payload points to, as far as it can be read."""

    async def device_facts(self, device_id: str) -> tuple[tuple[str, str], ...]:
        """Label and value of what an approver wants to know of a device now (model, owner, last contact)."""

    async def who_filed(self, intune_id: str) -> Identity | None:
        """The requestor by Intune's audit events, for rows that do not say."""

    async def who_approved(self, intune_id: str) -> ApprovalEvent | None:
        """Return the latest approval by Intune's audit events, for rows that do not say who gave it, or when."""

    async def actions_of(self, accounts: Collection[str], since: datetime) -> Sequence[Audited]:
        """What these accounts have changed in Intune since then, by its audit."""

    async def decide(self, intune_id: str, verdict: Verdict, note: str, token: UserToken) -> str:
        """Approve or reject in that person's name, once, without retry. Returns Graph's request-id."""

    async def cancel_approval(self, intune_id: str, note: str, token: UserToken) -> str:
        """Withdraw a native approval in that person's name. Returns Graph's request-id."""


# --- what is asked for in chat ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a person may have meant. `lines` are label and value, enough to tell it from its namesakes."""

    id: str
    name: str
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order would do, read now.

    `row` is the request as Intune would show it, without an id; `platform` is Intune's word for the policies that
    could hold it. `in_groups` are the object ids of the groups that hold the device or all of its users, `near_groups`
    of those that hold the device or any of its users; neither says all where the directory does not know something of
    it, and `unknown` says what.
    """

    row: Row
    platform: str
    in_groups: frozenset[str]
    near_groups: frozenset[str]
    unknown: tuple[Unknown, ...] = ()


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
    """How far an operation has come since it was sent. `GONE`: Intune does not show the device, at least not now."""

    WAITING = "waiting"
    RUNNING = "running"
    GONE = "gone"
    DONE = "done"
    FAILED = "failed"


class Orders(Protocol):
    """From words to a target, and to the call that does it. Only reads."""

    async def find(self, act: Act, words: str) -> tuple[Candidate, ...]:
        """What these words may mean: a device by name, serial number or user; a script, role or policy by name.

        Nothing for blank words; at most `MOST_CANDIDATES`, exact names first.
        """

    async def find_groups(self, words: str) -> tuple[Candidate, ...]:
        """Groups of this display name."""

    async def plan(self, order: Order) -> Plan:
        """What it would do, read now; `NotFound` if the target or the group is gone."""

    async def is_held(self, policy_type: str, platform: str) -> bool:
        """Whether Intune has an active access policy for this, read now. Exclusions cannot be seen."""

    async def call_for(self, order: Order) -> Call:
        """The exact call that does it. An assignment keeps what is assigned already, so it is read first."""

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


MOST_CANDIDATES = 10
"""More than that is no choice; then the words have to be more precise."""


class Directory(Protocol):
    """People and groups. Every answer is fresh unless it says otherwise."""

    async def standing(self, account: str, group_ids: Iterable[str]) -> Standing | None:
        """A person with their linked accounts, and which of these groups hold them; `None` if there is no such one."""

    async def person(self, account: str) -> Person | None:
        """A person with their linked accounts."""

    async def members(self, group_id: str) -> tuple[Person, ...]:
        """Enabled people of a group, up to five minutes old: for mentions, views and reports, never for a vote."""


# --- people in Teams ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a new message stands."""

    conversation: str
    activity_id: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody to notify: Teams' id (MRI) and the name to show."""

    mri: str
    name: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody wrote from. With `only_for` (their MRI) the answer is a targeted message: nobody else sees it,
    and Teams forgets it after a day."""

    service_url: str
    conversation: str
    only_for: str = ""


def chat_of(account: str) -> str:
    """The place that is a person's 1:1 chat, where a channel's id could stand as well."""
    return f"@{account}"


def account_of(place: str) -> str:
    """Whose 1:1 chat this place is; empty for channels and group chats."""
    return place[1:] if place.startswith("@") else ""


def channel_of(conversation: str) -> str:
    """The channel id of a conversation in which a card stands (a thread's id begins with it)."""
    return conversation.split(";", 1)[0]


def review_in(channel: str) -> str:
    """The place in a channel that is the card of a review, beside the card of the request."""
    return f"{_REVIEW}{channel}"


def is_review(place: str) -> bool:
    """Whether the card of a review stands there."""
    return place.startswith(_REVIEW)


def conversation_in(place: str) -> str:
    """Where in Teams this place is."""
    return place.removeprefix(_REVIEW)


_REVIEW = "review:"


class Chat(Protocol):
    """Writing to channels and people in Teams. A place is a channel, a group chat, or `chat_of` somebody."""

    async def post(self, place: str, card: Card, summary: str, mentions: Sequence[Mention] = ()) -> Posted:
        """A new thread in a channel, or a message in a chat. `Unavailable` means that it may stand there all the same,
        `Unreachable` that the bot cannot write there."""

    async def show(self, to: Address, card: Card, summary: str) -> Posted:
        """A card in answer to a message, where it was written."""

    async def update(self, copy: Copy, card: Card, summary: str) -> None:
        """Redraw a posted card for everybody; `Gone` if that can no longer be done."""

    async def reply(self, copy: Copy, text: str, mentions: Sequence[Mention] = ()) -> None:
        """One line in the thread of a posted card."""

    async def say(self, channel: str, text: str, mentions: Sequence[Mention] = ()) -> None:
        """One line in a channel, of its own."""

    def link(self, copy: Copy) -> str:
        """The address that opens a posted card in Teams."""

    async def tell(self, account: str, text: str) -> None:
        """One line in the 1:1 chat; `Unreachable` where the app is not installed for that person."""

    async def answer(self, to: Address, text: str) -> None:
        """One line in answer to a message, where it was written."""

    async def mentions(self, channel: str, accounts: Iterable[str]) -> dict[str, Mention]:
        """Teams' ids of those accounts that are in the channel, by account; may be up to an hour old."""


@dataclass(frozen=True, slots=True)
class ChannelReference:
    """A channel, or a group chat, that the bot is in. `team` is Teams' id of the team; a group chat has none."""

    channel: str
    service_url: str
    team: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class PersonalReference:
    """A person's 1:1 chat: their account's object id, Teams' id of them (MRI), and where to write."""

    account: str
    mri: str
    service_url: str
    conversation: str = ""


class Conversations(Protocol):
    """Where the bot is installed, and so can write."""

    async def channel(self, channel: str) -> ChannelReference | None: ...

    async def save_channel(self, reference: ChannelReference) -> bool:
        """Whether it was not known before: of two who save it at the same time, one is told so."""

    async def forget_channel(self, channel: str) -> None: ...

    async def forget_team(self, team: str) -> None: ...

    async def person(self, account: str) -> PersonalReference | None: ...

    async def save_person(self, reference: PersonalReference) -> bool:
        """Whether they were not known before."""

    async def forget_person(self, account: str) -> None: ...


# --- the world outside Teams -----------------------------------------------------------------------------------------


class Mail(Protocol):
    """Mail from one mailbox."""

    async def send(self, to: str, letter: Letter) -> None:
        """Send it once. `Unavailable` means that it may have been sent."""

    async def address_of(self, account: str) -> str | None:
        """The mailbox of an account, if it has one."""


class NewsKind(StrEnum):
    """What somebody outside is told of."""

    ALARM = "alarm"
    PAGE = "page"
    OVER = "over"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class News:
    """One thing that is told outside of the tenant. The same id is the same news, told again.

    `what` is the occasion or the concern. Nothing in it tells of a person more than a name.
    """

    id: str
    kind: NewsKind
    what: str
    text: str
    at: datetime
    request_id: str = ""


class Outside(Protocol):
    """Somebody outside of the tenant, who hears of alarms even when Teams is down."""

    async def tell(self, news: News) -> None:
        """Tell it once. `Unavailable` means that it may have been heard."""


class Heartbeat(Protocol):
    """Somebody outside who alarms when nothing is heard from us any more."""

    async def beat(self) -> None:
        """Say that all is well."""


class Presence(Protocol):
    """Who is at work right now."""

    async def away(self, accounts: Sequence[str]) -> frozenset[str]:
        """Those who are offline or out of office; nobody where that cannot be known."""


@dataclass(frozen=True, slots=True)
class LedgerMark:
    """How far the emergency process' ledger has come: its id, and its lines. Who remembers one notices a ledger that
    went back."""

    ledger: str
    lines: int

    def follows(self, remembered: "LedgerMark | None") -> bool:
        """Whether this is of the same ledger, which holds no less."""
        return remembered is None or (self.ledger == remembered.ledger and self.lines >= remembered.lines)


@dataclass(frozen=True, slots=True)
class AloneCall:
    """What one person alone wants done to one named device, and why; `remembered` is how far its ledger had come."""

    person: str
    act: Act
    device_id: str
    device_name: str
    why: str
    request_id: str
    remembered: LedgerMark | None = None


@dataclass(frozen=True, slots=True)
class AloneAnswer:
    """It is done: the sentence that tells so, Graph's request-id, and how far the process' ledger has come."""

    sentence: str
    answer_id: str
    ledger: LedgerMark | None = None


class Alone(Protocol):
    """The separate emergency process."""

    async def execute(self, call: AloneCall, assertion: str) -> AloneAnswer:
        """Have it done in the name of the person whose token this is; what came of it.

        `Unavailable` means that it may or may not have happened; every other error that it has not.
        """


class OnCall(Protocol):
    """Who is on call."""

    async def now(self, at: datetime) -> tuple[str, ...]:
        """Their accounts, the first to be paged first; empty if nobody is."""


# --- signing in ---------------------------------------------------------------------------------------------------


class SignIn(Protocol):
    """From a person's own sign-in to one token for one call."""

    async def on_behalf_of(self, assertion: str, person: str) -> UserToken:
        """Exchange Teams' token; `SignInFailed` if it is not that person's or Entra wants more."""

    async def prove(self, assertion: str, person: str) -> None:
        """Whether Teams' token is that person's own; `SignInFailed` if not. Nothing is done with it."""

    async def page_for(self, request_id: str, person: str, verb: str, claims: str = "", context: str = "") -> str:
        """The address of the bot's own sign-in page, single-use, for this person and purpose. `claims` is what Entra
        wants proved, `context` the authentication context that we demand ourselves."""
