"""Compares everything that a bot says with what is true at that moment, by rules of its own.

Only two delays are allowed. A card or message may show the state that was the latest when the bot began to make it. And
Intune may have moved on since the bot last read it completely. Each allowance is commented where it is made.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from approvals.request import Decision, Execution, Request, Verdict
from handlers.ports.requests import Receipt, Requests, Stored, Write
from simulator.graph.state import Filed
from simulator.teams.places import Message
from simulator.tenant import Tenant
from tests.scenarios.hearing import (
    COUNT,
    OF_DEVICES,
    CardSaid,
    Claims,
    LineSaid,
    MailSaid,
    Said,
    every_text,
    read,
    request_of,
)
from tests.scenarios.operations import FAILURES, Device, shown_status

STANDARD, URGENT = timedelta(hours=24), timedelta(hours=4)
"""The deadlines of the policy document."""

UNFILED = "unfiled"
"""The status of an order that Intune does not hold yet."""

_TIME = r"(\d{4}-\d\d-\d\d \d\d:\d\d) UTC"


@dataclass
class Errand:
    """One thing that a person wants done: what the tenant and its people know of it, whatever the bot says.

    `seats` are the groups that may fill each seat of its quorum. `filed` is the id in Intune, once there is one.
    `is_order` marks an order that the bot files. `devices` are the devices of the operation, if it has any. `group` is
    the target group, and `sizes` are all sizes that it has had, the last one since `sized_at`. `only` is the filter's
    name and its rule.
    """

    title: str
    target: str
    asker: str
    reason: str
    seats: tuple[frozenset[str], ...]
    channels: tuple[str, ...]
    is_order: bool = False
    filed: str = ""
    clicked: set[tuple[str, str]] = field(default_factory=set)
    promised: set[tuple[str, str]] = field(default_factory=set)
    statuses: list[str] = field(default_factory=lambda: [UNFILED])
    known: int = 0
    devices: list[Device] = field(default_factory=list)
    group: str = ""
    sizes: list[int] = field(default_factory=list)
    sized_at: datetime | None = None
    only: tuple[str, str] | None = None

    def seats_for(self, request: Request) -> tuple[frozenset[str], ...]:
        """Return the seats of this request. After break-glass by a person who may not decide it, one other person of
        any of these groups is enough."""
        return (frozenset[str]().union(*self.seats),) if request.needs_one else self.seats


_STATUSES: Mapping[str, frozenset[str]] = {
    "Waiting for approval": frozenset({"needsApproval", UNFILED}),
    "Waiting for more approvals": frozenset({"needsApproval", UNFILED}),
    "Approved, Intune not told yet": frozenset({"needsApproval"}),
    "Approved here, not yet in Intune": frozenset({"needsApproval"}),
    "Approved, not completed yet": frozenset({"approved"}),
    "Completed": frozenset({"completed"}),
    "Completed and running": frozenset({"completed"}),
    "Completed, outcome unknown": frozenset({"completed"}),
    "Completed, some done": frozenset({"completed"}),
    "Rejected": frozenset({"rejected"}),
    "Rejected here, still open in Intune": frozenset({"needsApproval"}),
    "Expired": frozenset({"needsApproval", "expired", UNFILED}),
    "Approved, about to be filed in Intune": frozenset({UNFILED}),
    "Approved, being filed in Intune": frozenset({UNFILED}),
    # The bot does not know then whether the order was filed.
    "Approved, being looked for in Intune": frozenset({UNFILED, "needsApproval"}),
    "Approved, but not filed in Intune": frozenset({UNFILED}),
    "Approved, about to be carried out": frozenset({"approved"}),
    "Approved, but not carried out yet": frozenset({"approved"}),
    "Approved, being carried out": frozenset({"approved", "completed"}),
    "Sent": frozenset({"completed"}),
    "Sent and running": frozenset({"completed"}),
    "Sent, outcome unknown": frozenset({"completed"}),
    "Done": frozenset({"completed"}),
    "Failed": frozenset({"completed"}),
    "You are about to approve": frozenset({"needsApproval", UNFILED}),
    "You are about to reject": frozenset({"needsApproval", UNFILED}),
    "You are about to make this urgent": frozenset({"needsApproval", UNFILED}),
}
"""Every word for the state of a request, and the statuses in Intune with which it is true. "some" stands for a number
of its devices."""

_OF_STATUS: Mapping[str, Execution] = {
    "Done": Execution.DONE,
    "Failed": Execution.FAILED,
    "Sent and running": Execution.RUNNING,
    "Completed and running": Execution.RUNNING,
    "Completed, some done": Execution.RUNNING,
    "Sent, outcome unknown": Execution.UNKNOWN,
    "Completed, outcome unknown": Execution.UNKNOWN,
}
"""How far the devices must be when a card has this status."""

_OF_STEP = {"✓ Done": Execution.DONE, "✕ Failed": Execution.FAILED}
"""How far the devices must be when the last step of an order says this."""

SHOWS_NOTHING_AFTER = timedelta(hours=8)
"""Before that time, the bot need not say that Intune shows nothing."""

NEVER = (
    "does not count this person as an approver",
    "does not show this request any more",
    "not one of those that may",
    "Only members of",
    "Your vote does not count any more",
    "There is no device",
    "do not hold enough people",
    "Too few of those",
    "has no active access policy",
    "Nobody has consented",
    "Conditional Access does not let",
    "signed in with another account",
    "account is disabled",
    "has changed since this card was drawn",
    "was changed in Intune. Earlier votes are void",
    "was deleted or can no longer be edited",
    "does not know who asked",
    "Another application filed it",
    "Intune shows nothing of it",
    "does not belong to you",
    "store went back",
    "is not held",
    "would run without a second person",
    "no such request",
    "Graph said",
    "..",
    "There is no request",
    "No such",
)
"""Words that are never true in this story, whoever reads them."""

_TOLD: Sequence[tuple[str, frozenset[str]]] = (
    (r"Intune has been told: approved", frozenset({"approved", "completed"})),
    (r"Intune has been told: rejected", frozenset({"rejected"})),
    (r"Nothing is in Intune yet", frozenset({UNFILED})),
)
"""Sentences, and the statuses in Intune with which they are true."""

_WAITING = ("Waiting ", "You are about to ")
_APPROVED = ("Approved", "Completed", "Sent", "Done", "Failed")


@dataclass
class Judge:
    """Keeps what is true, and finds every statement that is not.

    `wrong` are the false statements. `mark` starts a new section: statements after it may show the states that were the
    latest at that moment, and later ones.
    """

    errands: list[Errand]
    site: Tenant | None = None
    wrong: list[str] = field(default_factory=list)
    heard: int = 0
    history: dict[str, list[tuple[datetime, Request]]] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    has_all: bool = True
    cards: dict[tuple[str, int], Claims | None] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        assert self.site is not None
        return self.site.clock.now()

    @property
    def happened(self) -> tuple[int, ...]:
        """A value that changes whenever something is said, stored, or done in Intune."""
        stored = sum(len(states) for states in self.history.values())
        return self.heard, stored, *(number for errand in self.errands for number in self._steps(errand))

    def _steps(self, errand: Errand) -> Iterator[int]:
        yield from (len(errand.statuses), self.lags(errand), len(errand.sizes))
        for device in errand.devices:
            yield from (len(device.been), device.is_gone)

    # --- what is true ----------------------------------------------------------------------------------------------

    def committed(self, request: Request) -> None:
        """Note that this state is now the latest. Votes of people who could not read all of the request become void
        once they can."""
        earlier = self.history.get(request.id, [])
        errand = self.of(request)
        if errand and earlier and set(earlier[-1][1].subject.unread) - set(request.subject.unread):
            errand.promised.clear()
        self.history.setdefault(request.id, []).append((self.now, request))

    def mark(self) -> None:
        """Start a new section of what is said."""
        self.since = {one: len(states) - 1 for one, states in self.history.items()}
        self.look()

    def look(self) -> None:
        """Look how far Intune is with every errand."""
        assert self.site is not None
        for filed in self.site.graph.requests():
            if errand := self._of_filed(filed):
                errand.filed = filed.id
                _add(errand.statuses, filed.status)
        for errand in self.errands:
            for device in errand.devices:
                device.look(self.site)
            if errand.group and (size := len(self.site.world.group(errand.group).members)) not in errand.sizes[-1:]:
                errand.sizes.append(size)
                errand.sized_at = self.now

    def begin(self, errand: Errand, *devices: str) -> None:
        """Add an errand, perhaps with devices of these names."""
        assert self.site is not None
        named = [one for one in self.site.world.devices.values() if one["deviceName"] in devices]
        errand.devices = [Device(one) for one in named]
        self.errands.append(errand)

    def shown(self) -> list[int]:
        """Return, for each errand, the number of the status that Intune shows now."""
        return [len(errand.statuses) - (2 if self.lags(errand) else 1) for errand in self.errands]

    def lags(self, errand: Errand) -> bool:
        """Return whether Intune still shows an earlier status of the errand than it really has."""
        assert self.site is not None
        filed = self.site.graph.request(errand.filed) if errand.filed else None
        return filed is not None and shown_status(self.site, filed) != filed.status

    def has_read(self, begun: Sequence[int]) -> None:
        """Note that the bot has read Intune completely: it now knows what was true when the read began (`begun`, by
        errand)."""
        for errand, known in zip(self.errands, begun, strict=False):
            errand.known = max(errand.known, known)

    def _of_filed(self, filed: Filed) -> Errand | None:
        by_id = next((one for one in self.errands if one.filed == filed.id), None)
        name = filed.details.get("payloadName")
        ordered = (one for one in self.errands if one.is_order and not one.filed and one.target == name)
        return by_id or (next(ordered, None) if filed.requestor.kind == "app" else None)

    def of(self, request: Request) -> Errand | None:
        """Return the errand that this request belongs to."""
        by_id = (one for one in self.errands if one.filed and one.filed == request.intune_id)
        orders = (one for one in self.errands if one.is_order and one.target == request.subject.target)
        return next(by_id, None) or (next(orders, None) if request.filing is not None else None)

    def latest(self, errand: Errand) -> Request | None:
        """Return the request of this errand, as it is stored."""
        found = [states[-1][1] for states in self.history.values() if self.of(states[-1][1]) is errand]
        return found[-1] if found else None

    def votes(self, errand: Errand) -> set[tuple[str, str]]:
        """Return the names and verdicts of the voters, as they are stored."""
        latest = self.latest(errand)
        return {(vote.voter.name, str(vote.verdict)) for vote in latest.votes} if latest else set()

    def id_of(self, errand: Errand) -> str:
        """Return our own id of the errand's request; empty as long as there is none."""
        latest = self.latest(errand)
        return latest.id if latest else ""

    def _allowed(self, request_id: str) -> list[Request]:
        """Return the states that may be shown: the latest at the last `mark`, and all later ones. The newest comes
        first."""
        states = self.history.get(request_id, [])
        return [request for _, request in states[self.since.get(request_id, 0) :]][::-1]

    def may_be(self, errand: Errand) -> set[str]:
        """Return the statuses that the bot may report: the one that it last read completely, and all later ones."""
        return set(errand.statuses[errand.known :])

    def read(self, message: Message) -> Claims | None:
        """Return what a message claims now, if it is the card of a request. Each version is read once."""
        version = message.id, len(message.versions)
        if version not in self.cards:
            self.cards[version] = read(message.card) if message.card else None
        return self.cards[version]

    # --- what the bot says -----------------------------------------------------------------------------------------

    def hear(self, said: Said) -> None:
        """Compare what is said with what is true."""
        self.look()
        self.heard += 1
        match said:
            case CardSaid():
                self.hear_card(said.card, said.place.name)
            case LineSaid():
                self.hear_words(_plain(said.text), said.place.name)
                self._hear_line(said)
            case MailSaid():
                self._hear_mail(said)

    def hear_card(self, card: Mapping[str, Any], where: str) -> None:
        """Check a card that a person sees now."""
        claims = read(card)
        about = self.history.get(claims.request) if claims else None
        for text in every_text(card):
            self.hear_words(text, f"card in {where}", self.of(about[-1][1]) if about else None)
        if claims is None or about is None:
            return
        self._one_holds(claims.request, lambda state: self.card_differs(claims, state), f"card in {where}", claims)

    def hear_words(self, text: str, where: str, errand: Errand | None = None) -> None:
        """Check words that stand anywhere: on a card of any kind, on a page, or in a line."""
        self.look()
        for words in NEVER:
            if words in text:
                self._object(f"{where}: says {words!r}, which is not so in this story | said: {text}")
        for pattern, statuses in _TOLD:
            if errand and re.search(pattern, text) and not self.may_be(errand) & statuses:
                self._object(f"{where}: says {text!r} although Intune says {self.may_be(errand)}")

    def _one_holds(
        self, request_id: str, differs: Callable[[Request], Iterator[str]], where: str, said: object
    ) -> None:
        """Check that all claims hold for one and the same state."""
        found = [list(differs(state)) for state in self._allowed(request_id)]
        if found and all(found):
            self._object(f"{where}: {'; '.join(found[0])} | said: {said}")

    def _object(self, what: str) -> None:
        self.wrong.append(f"{self.now:%d %H:%M:%S} {what}")

    def card_differs(self, claims: Claims, state: Request) -> Iterator[str]:
        """Yield where this card differs from this state and from the tenant."""
        errand = self.of(state)
        if errand is None:
            return
        hidden = any(not reach.target.name for reach in state.subject.reaches)
        if claims.title != self.titles(errand)[hidden]:
            yield f"title {claims.title!r} is not {self.titles(errand)[hidden]!r}"
        yield from self.status_differs(claims.status, errand, state)
        yield from _counts_differ(claims.counts, errand, state)
        votes = {(vote.voter.name, f"{vote.verdict}{'d' if vote.verdict is Verdict.APPROVE else 'ed'}") for vote in
                 state.votes}  # fmt: skip
        if claims.voters and claims.voters != votes:
            yield f"votes {claims.voters} are not {votes}"
        yield from self._rows_differ(claims, errand, state)
        for label in _OF_STEP.keys() & claims.rows.keys():
            yield from self.devices_differ(_OF_STEP[label], label, errand)
        for text in claims.texts:
            yield from self._outlook_differs(text, errand, state)
        if "Will reach" in claims.rows:
            yield from self._reach_differs(claims.rows["Will reach"], errand, state)
        names = [str(one.record["deviceName"]) for one in errand.devices]
        named = claims.rows.get(f"{len(names)} devices")
        if named is not None and named != f"{', '.join(names[:-1])} and {names[-1]}":
            yield f"devices {named!r} are not {names}"

    def titles(self, errand: Errand) -> tuple[str, str]:
        """Return the errand's title, and its title where its group could not be read, with the group's id instead of
        its name."""
        assert self.site is not None
        group = errand.group and self.site.world.group(errand.group).id
        return errand.title, errand.title.replace(errand.group, group) if group else errand.title

    def _called(self, errand: Errand, text: str) -> str:
        """Return the errand's title that stands in a text; empty if there is none."""
        return next((title for title in self.titles(errand) if title in text), "")

    def _reach_differs(self, value: str, errand: Errand, state: Request) -> Iterator[str]:
        if state.subject.unread and "could not be read" in value:
            return
        found = re.match(r"(\S+) \(security group, (\d+) members?\)", value)
        if found is None or found[1] != errand.group or int(found[2]) not in errand.sizes:
            yield f"it reaches {value!r}, and not {errand.group}, which has had {errand.sizes}"
        only = re.search(r"only devices for which (.+) \(filter (.+)\)", value)
        if (only and (only[2], only[1])) != errand.only:
            yield f"it reaches {value!r}, and not those of {errand.only}"

    def _outlook_differs(self, text: str, errand: Errand, state: Request) -> Iterator[str]:
        if text.startswith("“"):
            return
        yield from self.counts_of_devices_differ(text, errand, state)
        for pattern, holds in _OUTLOOKS:
            if (found := re.search(pattern, text)) and (problem := holds(self, found, errand, state)):
                yield f"{text!r}: {problem}"

    def status_differs(self, said: str, errand: Errand, state: Request) -> Iterator[str]:
        word = OF_DEVICES.sub("some done", said)
        if word not in _STATUSES:
            yield f"status {word!r} should not come in this story"
            return
        rejected_order = word == "Rejected" and errand.is_order and errand.statuses == [UNFILED]
        untold_order = word.startswith("Approved") and errand.is_order and "looked for" not in word
        may_be = self.may_be(errand) | ({UNFILED} if rejected_order else set())
        if not may_be & _STATUSES[word] and not (rejected_order or (untold_order and self._just_filed(errand, word))):
            yield f"status {word!r} although Intune says {may_be}"
        have, need = tally(errand, state)
        if word.startswith(_WAITING) and (not state.takes_votes or have >= need):
            yield f"status {word!r} with {have} of {need}, {state.decision}"
        if word == "Waiting for approval" and state.votes:
            yield "nobody is said to have voted"
        if word.startswith(_APPROVED) and have < need:
            yield f"status {word!r} with {have} of {need}"
        if word == "Expired" and self.now < self.deadline(errand, state):
            yield "expired before its deadline"
        yield from self.devices_differ(_OF_STATUS.get(word), said, errand)
        yield from self.counts_of_devices_differ(said, errand, state)

    def devices_differ(self, execution: Execution | None, said: str, errand: Errand) -> Iterator[str]:
        """Yield a problem if the devices are not as far as this."""
        been = [device.been for device in errand.devices]
        if execution is not None and not self.is_so(execution, errand):
            yield f"{said!r} although the devices were {been}"

    def is_so(self, execution: Execution, errand: Errand) -> bool:
        """Return whether the operation has really come so far, from what its devices were told and did."""
        assert self.site is not None
        site, devices = self.site, errand.devices
        match execution:
            case Execution.NONE | Execution.SENT:
                return True  # this claims nothing about the device
            case Execution.RUNNING:
                return any("pending" in one.been for one in devices) and site.graph.knobs.action_shown != "nowhere"
            case Execution.DONE:
                return bool(devices) and all("done" in one.been for one in devices)
            case Execution.FAILED:
                return any(FAILURES & set(one.been) for one in devices)
            case Execution.UNKNOWN:
                return any(one.is_gone for one in devices)
            case _:
                assert_never(execution)

    def counts_of_devices_differ(self, text: str, errand: Errand, state: Request) -> Iterator[str]:
        """Yield where a count differs: from the number of devices, from those that are done, or from what the store
        knows."""
        known = [one.execution for one in state.sent.devices] if state.sent else []
        for found in OF_DEVICES.finditer(text):
            done, of = int(found[1]), int(found[2])
            truly = sum("done" in one.been for one in errand.devices)
            if of != len(errand.devices) or done > truly or done != known.count(Execution.DONE):
                yield f"{found[0]!r}, of {len(errand.devices)} {truly} are done, and known are {known}"

    def _just_filed(self, errand: Errand, word: str) -> bool:
        """Return whether the bot has just filed the errand itself: Intune has it a moment before it is stored here."""
        return word in ("Approved, being filed in Intune", "Approved, about to be filed in Intune") and (
            errand.statuses[-1] in ("needsApproval", UNFILED)
        )

    def _rows_differ(self, claims: Claims, errand: Errand, state: Request) -> Iterator[str]:
        for label, expected in (("Requested by", errand.asker), ("Reason", errand.reason)):
            if claims.rows.get(label, expected) != expected:
                yield f"{label} {claims.rows[label]!r} is not {expected!r}"
        times = {"Decide by": self.deadline(errand, state)}
        if errand.filed and self.site is not None:
            filed = self.site.graph.request(errand.filed)
            times |= {"Intune closes": filed.expires_at, "Filed": filed.requested_at}
        if errand.is_order:
            del times["Decide by"]
        for label, moment in times.items():
            said = claims.moment(label) if label in claims.rows else None
            if said is not None and said != _whole(moment) and not (label == "Filed" and errand.is_order):
                yield f"{label} {said} is not {moment}"

    def deadline(self, errand: Errand, state: Request) -> datetime:
        """Return when the vote closes: by the policy document, from when the request was taken up, but never after
        Intune's own end."""
        opened = self.history[state.id][0][0] if state.id in self.history else state.opened_at
        opened = min(opened, state.opened_at)
        ours = opened + STANDARD
        if state.urgent_since is not None:
            ours = min(ours, state.urgent_since + URGENT)
        for glass in state.glass:
            if glass.calls_for_another:
                ours = glass.at + URGENT
        return min(ours, state.intune_expires_at if errand.is_order else self.expires(errand))

    def expires(self, errand: Errand) -> datetime:
        """Return when the request ends in Intune."""
        assert self.site is not None
        return self.site.graph.request(errand.filed).expires_at

    # --- lines and mails -------------------------------------------------------------------------------------------

    def _hear_line(self, said: LineSaid) -> None:
        text = _plain(said.text)
        about = request_of(said.under) if said.under else ""
        if about in self.history:
            self._hear_text(about, text, f"under a card in {said.place.name}")
        else:
            self._hear_about(text, said.place.name)

    def _hear_mail(self, said: MailSaid) -> None:
        for paragraph in said.paragraphs:
            self._hear_about(paragraph.replace("\n", " "), f"mail to {said.to}")
        named = [one for one in self.errands if self._called(one, said.subject)]
        if not named and "requests need you" not in said.subject:
            self._object(f"mail about nothing known: {said.subject}")

    def _hear_about(self, text: str, where: str) -> None:
        """Check a text by the requests that are named in it; there may be several."""
        named = [one for one in self.errands if self._called(one, text) and self.id_of(one)]
        if len(named) == 1:
            self._hear_text(self.id_of(named[0]), text, where)
            return
        for errand in named:
            found = re.search(rf"{re.escape(self._called(errand, text))}, requested by ([^,;]+), by {_TIME}", text)
            if found:
                self._one_holds(
                    self.id_of(errand),
                    lambda state, errand=errand, found=found: self._item_differs(found, errand, state),  # type: ignore[misc]
                    where,
                    text,
                )
        if not named and not _is_of_no_request(text):
            self._object(f"{where}: nobody understands {text!r}")

    def _item_differs(self, found: re.Match[str], errand: Errand, state: Request) -> Iterator[str]:
        if found[1] != errand.asker:
            yield f"requested by {found[1]}"
        if _at(found[2]) != _minute(self.deadline(errand, state)):
            yield f"by {found[2]}, which is not {self.deadline(errand, state)}"
        if not state.takes_votes:
            yield "it does not wait any more"

    def _hear_text(self, request_id: str, text: str, where: str) -> None:
        self._one_holds(request_id, lambda state: self.text_differs(text, state), where, text)

    def text_differs(self, text: str, state: Request) -> Iterator[str]:
        """Yield where this line differs from this state and from the tenant."""
        errand = self.of(state)
        if errand is None:
            return
        others = [one.target for one in self.errands if one.target != errand.target and one.target in text]
        if others:
            yield f"speaks of {others} instead of {errand.target}"
        ours = text.replace(errand.reason, "")
        yield from self.counts_of_devices_differ(ours, errand, state)
        yield from _counts_differ({(int(a), int(b)) for a, b in COUNT.findall(ours)}, errand, state)
        understood = False
        for pattern, holds in _SENTENCES:
            if found := re.search(pattern, ours):
                understood = True
                if problem := holds(self, found, errand, state):
                    yield problem
        if not understood:
            yield "nobody understands it"


def tally(errand: Errand, state: Request) -> tuple[int, int]:
    """Return how many seats the people who approved can fill at most, each person one, and the number of seats."""
    seats = errand.seats_for(state)
    approving = [vote for vote in state.votes if vote.verdict is Verdict.APPROVE and vote.digest == state.digest]
    people = [{group.name for flow in state.workflows for group in flow.groups if group.id in vote.groups}
              for vote in approving]  # fmt: skip
    return _most(list(seats), people), len(seats)


def _most(seats: Sequence[frozenset[str]], people: Sequence[set[str]]) -> int:
    if not seats:
        return 0
    first, *others = seats
    without = _most(others, people)
    return max(
        [without]
        + [1 + _most(others, [*people[:at], *people[at + 1 :]]) for at, groups in enumerate(people) if groups & first]
    )


def _counts_differ(counts: set[tuple[int, int]], errand: Errand, state: Request) -> Iterator[str]:
    expected = tally(errand, state)
    # After break-glass a card says how far the quorum had come at that time.
    known = {expected, *((one.have, one.need) for glass in state.glass for one in glass.progress)}
    if counts - known:
        yield f"counts {counts} are not {expected}"


def _add(known: list[str], latest: str) -> None:
    if known[-1] != latest:
        known.append(latest)


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<at>.*?</at> ?", "", text))


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _at(written: str) -> datetime:
    return datetime.strptime(written, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def _is_of_no_request(text: str) -> bool:
    return any(re.search(one, text) for one in _OF_NO_REQUEST)


_OF_NO_REQUEST = (
    "^Approve and Reject are only on the card",
    "Countersign is here",
    "Something that this needs cannot be reached right now",
)

Holds = Callable[[Judge, re.Match[str], Errand, Request], str]
"""A check of one sentence. It returns what is wrong with it, or nothing."""


def _deadline_is(judge: Judge, found: re.Match[str], errand: Errand, state: Request) -> str:
    due = judge.deadline(errand, state)
    return "" if _at(found[1]) == _minute(due) else f"deadline {found[1]} is not {due}"


def _waits(_judge: Judge, _found: re.Match[str], _errand: Errand, state: Request) -> str:
    return "" if state.takes_votes else f"it does not wait any more: {state.decision}, {state.intune_status}"


def _expiry_is(judge: Judge, found: re.Match[str], errand: Errand, _state: Request) -> str:
    if not errand.filed:
        return "it is not in Intune"
    due = judge.expires(errand)
    return "" if _at(found[1]) == _minute(due) else f"Intune closes at {due}, not at {found[1]}"


def _needs_completing(judge: Judge, _found: re.Match[str], errand: Errand, _state: Request) -> str:
    may_be = judge.may_be(errand)
    return "" if may_be & {"needsApproval", "approved"} else f"nothing is to be completed: Intune says {may_be}"


def _untold(judge: Judge, _found: re.Match[str], errand: Errand, _state: Request) -> str:
    may_be = judge.may_be(errand)
    return "" if may_be & {"needsApproval", UNFILED} else f"Intune has been told: it says {may_be}"


def _voters_are(verdict: Verdict) -> Holds:
    def holds(_judge: Judge, found: re.Match[str], _errand: Errand, state: Request) -> str:
        names = {vote.voter.name for vote in state.votes if vote.verdict is verdict}
        return "" if set(re.split(r", | and ", found[1])) == names else f"{found[1]} are not {names}"

    return holds


def _is_decided(decision: Decision) -> Holds:
    def holds(_judge: Judge, _found: re.Match[str], _errand: Errand, state: Request) -> str:
        return "" if state.decision is decision else f"it is {state.decision}"

    return holds


def _intune_says(*statuses: str) -> Holds:
    def holds(judge: Judge, _found: re.Match[str], errand: Errand, _state: Request) -> str:
        may_be = judge.may_be(errand)
        return "" if may_be & set(statuses) else f"Intune says {may_be}"

    return holds


def _has_come(execution: Execution) -> Holds:
    def holds(judge: Judge, found: re.Match[str], errand: Errand, _state: Request) -> str:
        return next(judge.devices_differ(execution, found[0], errand), "")

    return holds


def _shows_nothing(judge: Judge, _found: re.Match[str], errand: Errand, _state: Request) -> str:
    """Return a problem, unless the devices were told long ago and Intune still shows nothing."""
    assert judge.site is not None
    begun = [one.begun for one in errand.devices]
    if not begun or any(at is None or judge.now - at < SHOWS_NOTHING_AFTER for at in begun):
        return f"they were told at {begun}"
    silent = all(Execution.SENT in one.may_be(judge.site) or one.is_gone for one in errand.devices)
    return "" if silent else f"Intune shows {[one.been for one in errand.devices]}"


def _counts_all(_judge: Judge, found: re.Match[str], errand: Errand, _state: Request) -> str:
    return "" if int(found[1]) == len(errand.devices) else f"there are {len(errand.devices)} devices"


def _some_failed(_judge: Judge, found: re.Match[str], errand: Errand, _state: Request) -> str:
    failed = sum(bool(FAILURES & set(one.been)) for one in errand.devices)
    return "" if int(found[1]) <= failed else f"{failed} have"


def _some_unknown(judge: Judge, found: re.Match[str], errand: Errand, _state: Request) -> str:
    assert judge.site is not None
    gone = sum(one.is_gone for one in errand.devices)
    return "" if int(found[1]) <= gone and int(found[2]) == len(errand.devices) else f"{gone} are gone"


def _status_is(judge: Judge, found: re.Match[str], errand: Errand, state: Request) -> str:
    return next(judge.status_differs(found[1], errand, state), "")


def _asker_is(_judge: Judge, found: re.Match[str], errand: Errand, _state: Request) -> str:
    return "" if found[1] == errand.asker else f"{found[1]} did not ask for it, {errand.asker} did"


def _is_paged(_judge: Judge, found: re.Match[str], _errand: Errand, state: Request) -> str:
    names = [person.name for person in state.reminders.paged]
    return "" if found[1] in names else f"{found[1]} is not among those paged, {names}"


def _claims(judge: Judge, found: re.Match[str], _errand: Errand, state: Request) -> str:
    claim = state.reminders.claim
    held = claim is not None and claim.by.name == found[1] and _minute(claim.until) == _at(found[2])
    return "" if held and claim is not None and judge.now <= claim.until else f"the claim is {claim}"


def _broke(_judge: Judge, found: re.Match[str], _errand: Errand, state: Request) -> str:
    return "" if found[1] in {glass.invoker.name for glass in state.glass} else f"{found[1]} broke no glass"


def _holds(_judge: Judge, _found: re.Match[str], _errand: Errand, _state: Request) -> str:
    return ""


def _is_false(_judge: Judge, found: re.Match[str], _errand: Errand, _state: Request) -> str:
    return f"{found[0]!r} is not so"


def _review_is(_judge: Judge, _found: re.Match[str], _errand: Errand, state: Request) -> str:
    return "" if state.review is not None and state.review.is_open else "there is no open review"


def _was_hidden(judge: Judge, _found: re.Match[str], _errand: Errand, state: Request) -> str:
    hidden = any(known.subject.unread for _, known in judge.history[state.id])
    return "" if hidden else "all of it could always be read"


def _grew(_judge: Judge, found: re.Match[str], errand: Errand, _state: Request) -> str:
    before, after = int(found[2]), int(found[3])
    known = before in errand.sizes and after in errand.sizes[errand.sizes.index(before) :]
    far = after - before > max(20, before // 10)
    return "" if found[1] == errand.group and known and far else f"{errand.group} has had {errand.sizes}"


_GREW = r"(\S+) grew from (\d+) to (\d+) members"

_SENTENCES: Sequence[tuple[str, Holds]] = (
    (rf"[Dd]ecide by {_TIME}", _deadline_is),
    (rf"waits for you until {_TIME}", _deadline_is),
    (r"waits for you|Still waits|It waits for approval|One more person is needed|Please decide", _waits),
    (rf"(?:Complete in Intune|must send it again) by {_TIME}", _expiry_is),
    (r"[Nn]othing has happened yet|Nothing happens until you press Complete", _needs_completing),
    (r"Approved by ([^.]+?)\.", _voters_are(Verdict.APPROVE)),
    (r"Rejected by ([^.:]+?)[.:]", _voters_are(Verdict.REJECT)),
    (r"Rejected by", _is_decided(Decision.REJECTED)),
    (r"Expired with", _is_decided(Decision.EXPIRED)),
    (r"Intune has not been told", _untold),
    (r"Done, says Intune", _has_come(Execution.DONE)),
    (r"It has failed, says Intune", _has_come(Execution.FAILED)),
    (r"All (\d+) devices are done", _counts_all),
    (r"All \d+ devices are done", _has_come(Execution.DONE)),
    (r"(\d+) ha(?:s|ve) failed\.", _some_failed),
    (r"Nobody knows of (\d+) of (\d+) devices", _some_unknown),
    (r"took it up more than 8 hours ago, and nothing has shown yet", _shows_nothing),
    (r"The device is not in Intune any more|Nobody knows whether it has happened", _has_come(Execution.UNKNOWN)),
    (r"was followed for 14 days", _is_false),
    (r"Approved in Intune and sent", _intune_says("completed")),
    (r"Filed in Intune\. Now an approver", _intune_says("needsApproval")),
    (r"It is filed and completed from here", _holds),
    (r"(?i)requested by ([^,.:]+)[,.:]", _asker_is),
    (r"([A-Z]\w+ [A-Z]\w+)(?:, you are| is) on call", _is_paged),
    (rf"([A-Z]\w+ [A-Z]\w+) is looking at this until {_TIME}", _claims),
    (r"Released\.", _holds),
    (r"([A-Z]\w+ [A-Z]\w+) broke the glass", _broke),
    (r"needs a review", _review_is),
    (_GREW, _grew),
    (r"of which no size was shown", _is_false),
    (r"More of this request can be read now", _was_hidden),
    (r"was deleted or can no longer be edited", _is_false),
    (r"Teams took its card several times", _holds),
    (r"Intune did not answer|Intune is too busy|Intune does not show what this is about at the moment", _holds),
    (r"What this is about cannot be read", _holds),
    (r"Intune did not carry it out", _intune_says("approved")),
    (r"(?:It does not wait any more|It is settled meanwhile|It is completed from here\. Now): ([^.]+)\.", _status_is),
    (r"Nobody on call has answered", _holds),
)
"""Every sentence about a request in a line, and the check that it must pass."""


_OUTLOOKS: Sequence[tuple[str, Holds]] = (
    (r"Intune says that it is under way", _has_come(Execution.RUNNING)),
    (r"Intune says that it is done", _has_come(Execution.DONE)),
    (r"Intune says that it has failed", _has_come(Execution.FAILED)),
    (r"Nothing has shown yet that it has happened", _shows_nothing),
    (r"Intune has taken it up", _intune_says("completed")),
    (_GREW, _grew),
    (r"of which no size was shown", _is_false),
    (r"All (\d+) devices are (?:done|reset)", _counts_all),
    (r"All \d+ devices are done", _has_come(Execution.DONE)),
    (r"(\d+) ha(?:s|ve) failed\.", _some_failed),
    (r"Nobody knows of (\d+) of (\d+) devices", _some_unknown),
    (r"The device is not in Intune any more|Nobody knows whether it has happened", _has_come(Execution.UNKNOWN)),
    (r"was followed for 14 days", _is_false),
)
"""Every sentence on a card about the operation itself, and the check that it must pass."""


def recording(requests: Requests, judge: Judge) -> Callable[[Write], Any]:
    """Return this store's `commit`, changed so that it tells the judge every new state."""
    commit = requests.commit

    async def recorded(write: Write) -> Receipt:
        receipt = await commit(write)
        if receipt.stored is Stored.SAVED and write.changed:
            judge.committed(replace(write.request, revision=write.request.revision + 1))
        return receipt

    return recorded
