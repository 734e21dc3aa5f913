"""Break-glass: who may use it, which justification is enough, and what it does.

It lowers the quorum to one other person. It never makes the requestor an approver: on their own request it only pages
the people on call, with a new deadline.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from approvals import lifecycle, refusals
from approvals.audit import Identified, Kind
from approvals.causes import BrokeGlass, Counted, GlassBrokenSince
from approvals.change import Change
from approvals.decide import finalise, why_nobody, why_not_as_shown
from approvals.disagreement import Disagreement
from approvals.effects import Alarm, Announce, Expire, NotificationKind, PostCards, Reply, TellPerson
from approvals.emergency import BreakGlassRecord, Emergency, Way
from approvals.fingerprint import seen_with
from approvals.justification import (
    FOR_AN_EMERGENCY,
    LEAST_JUSTIFICATION,
    LONGEST_JUSTIFICATION,
    LONGEST_TICKET,
    lack_of,
    real_text,
)
from approvals.lifecycle import DecisionEvent
from approvals.outcome import Outcome
from approvals.people import Application, Person
from approvals.quorum import extra_seats, is_decidable, tallies
from approvals.refusals import Refusal
from approvals.reminding import page_on_call
from approvals.request import DecisionsMode, IntuneStatus, Request, Source
from approvals.review import open_review
from approvals.snapshot import Eligibility
from approvals.subject import Size

SWITCHED_OFF = refusals.NoEmergencyAccess(open=False)
"""Break-glass is switched off here."""

FRESH_DEADLINE = timedelta(hours=4)
"""Time limit for the people on call."""

PROMPT_TIME = timedelta(minutes=15)
"""Time limit for filling in the prompt."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """The input of a person who is about to break glass. Once `confirmed`, only the proof of their identity is missing.

    `acting` is the account of the custodian that they say they are, `fingerprint` what they saw. A prompt that was
    `left` cannot be continued.
    """

    id: str
    request_id: str
    invoker: Person
    began_at: datetime
    drill: bool = False
    why: str = ""
    ticket: str = ""
    acting: str = ""
    fingerprint: str = ""
    confirmed: bool = False
    left: bool = False


@dataclass(frozen=True, slots=True)
class Invocation:
    """One use of break-glass, as input of the rules.

    `eligibility.groups` are the emergency groups that the invoker is in. `acting` is the account of the custodian
    who uses a shared account. `locked` says that a review of the invoker's is overdue.
    """

    eligibility: Eligibility
    identified: Identified
    why: str
    ticket: str = ""
    acting: str = ""
    drill: bool = False
    locked: bool = False

    @property
    def person(self) -> Person:
        """The person whose account it is."""
        return self.eligibility.person


def why_not_invoke(emergency: Emergency | None, eligibility: Eligibility) -> Refusal | None:
    """Return why this person may not break glass at all, or nothing."""
    if emergency is None or not emergency.open:
        return SWITCHED_OFF
    if not eligibility.active:
        return refusals.AccountInactive("break-glass")
    listed = emergency.account_of(eligibility.person.account) is not None
    if not listed and not eligibility.groups & emergency.group_ids:
        return refusals.NoEmergencyAccess(open=True)
    return None


def is_ticket(pattern: str, written: str) -> bool:
    """Return whether this is a valid ticket number. Longer text is refused, whatever the pattern accepts."""
    return len(written) <= LONGEST_TICKET and re.fullmatch(pattern, written) is not None


def why_not_enough(emergency: Emergency, invocation: Invocation) -> Refusal | None:
    """Return what is missing in the input: justification, ticket, or the person behind a shared account."""
    if lack := lack_of(invocation.why, FOR_AN_EMERGENCY):
        if lack.too_long:
            return refusals.TooLong("emergency", lack.length, LONGEST_JUSTIFICATION)
        return refusals.TooShort("emergency", LEAST_JUSTIFICATION)
    if emergency.ticket and not is_ticket(emergency.ticket, invocation.ticket):
        return refusals.BadTicket()
    account = emergency.account_of(invocation.person.account)
    if account and account.custodians and _acting(account.custodians, invocation) is None:
        return refusals.WhichCustodian()
    return None


def break_glass(
    request: Request, emergency: Emergency | None, invocation: Invocation, fingerprint: str, now: datetime
) -> Outcome:
    """Set the quorum aside in this person's name, or page the people on call at once; a review is opened in any
    case."""
    change = Change(request, now)
    if emergency is None:
        return change.refuse(SWITCHED_OFF, invocation.person, invocation.identified)
    refusal = (
        why_not_invoke(emergency, invocation.eligibility)
        or why_not_break(request, fingerprint, now)
        or why_not_enough(emergency, invocation)
    )
    if refusal:
        return change.refuse(refusal, invocation.person, invocation.identified)
    glass = _glass(request, emergency, invocation, now)
    if not glass.drill and glass.way is Way.ESCALATED and request.needs_one:
        return change.refuse(refusals.BrokenAlready(), invocation.person, invocation.identified)
    _record(change, glass, invocation)
    if not glass.drill:
        _act(change, glass, seen_with(request.subject, fingerprint) or ())
    open_review(change, emergency, _cause(glass), glass.people, drill=glass.drill or request.drill)
    _announce(change)
    return change.outcome()


def why_not_break(request: Request, fingerprint: str, now: datetime) -> Refusal | None:
    """Return why break-glass is not possible on this request: it needs a quorum that is open here and can still be
    reached."""
    if not request.takes_votes:
        return refusals.NotWaiting(request.decision)
    if not is_decidable(request):
        return why_nobody(request)
    if now >= request.deadline:
        return refusals.DeadlinePassed(glass=True)
    if request.intune_status is IntuneStatus.UNKNOWN:
        return refusals.Disagrees(Disagreement.UNKNOWN_STATUS)
    return why_not_as_shown(request, fingerprint)


def way_for(request: Request, people: tuple[Person, ...], invocation: Invocation) -> Way:
    """Return what it would do. All `people` count as the invoker: any of them may be using a shared account.

    It only escalates without the person's own token, on their own request, on one whose requestor could be the invoker,
    and while a review of theirs is overdue.
    """
    theirs = any(request.is_own_of(person) for person in people)
    nameless = not request.asker_is_known or extra_seats(request) > 0
    proved = invocation.identified is Identified.BY_TOKEN and request.decisions is DecisionsMode.CARRY
    return Way.ESCALATED if theirs or nameless or invocation.locked or not proved else Way.DECIDED


class WhyEscalated(StrEnum):
    """Reason why break-glass only called for one other person."""

    OWN = "own"  # the invoker is among those who requested it
    NOBODY_NAMED = "nobody-named"  # Intune does not say who asked
    ASKER_UNKNOWN = "asker-unknown"  # the directory does not know who asked
    APPLICATION = "application"  # the person behind the application is unknown
    NOT_ALONE = "not-alone"  # their identity is not proved, or a review of theirs is overdue


def why_only_escalated(request: Request, glass: BreakGlassRecord) -> WhyEscalated:
    """Return the first reason why one other person is still needed."""
    if any(request.is_own_of(person) for person in glass.people):
        return WhyEscalated.OWN
    if request.requestor is None and request.initiator is None:
        return WhyEscalated.NOBODY_NAMED
    if not request.asker_is_known:
        return WhyEscalated.ASKER_UNKNOWN
    if isinstance(request.requestor, Application) and request.initiator is None:
        return WhyEscalated.APPLICATION
    return WhyEscalated.NOT_ALONE


def _acting(custodians: tuple[Person, ...], invocation: Invocation) -> Person | None:
    return next((one for one in custodians if one.account == invocation.acting), None)


def _glass(request: Request, emergency: Emergency, invocation: Invocation, now: datetime) -> BreakGlassRecord:
    people = emergency.people_behind(invocation.person)
    custodians = people[1:]
    return BreakGlassRecord(
        invoker=invocation.person,
        why=real_text(invocation.why),
        at=now,
        way=way_for(request, people, invocation),
        progress=tallies(request),
        acting=_acting(custodians, invocation),
        custodians=custodians,
        ticket=invocation.ticket,
        drill=invocation.drill and not request.drill,
        locked=invocation.locked,
        channels=emergency.channels,
    )


def _record(change: Change, glass: BreakGlassRecord, invocation: Invocation) -> None:
    change.request = replace(change.request, glass=(*change.request.glass, glass))
    evidence = {"way": glass.way.value, "ticket": glass.ticket}
    if glass.acting is not None:
        evidence["custodian"] = f"{glass.acting.name} ({glass.acting.account})"
    if invocation.locked:
        evidence["locked"] = "a review of theirs is overdue"
    kind = Kind.DRILL if glass.drill or change.request.drill else Kind.GLASS_BROKEN
    change.note(
        kind,
        glass.invoker,
        invocation.identified,
        after=glass.way,
        why=glass.why,
        because=Counted(glass.progress),
        evidence=evidence,
    )


def _act(change: Change, glass: BreakGlassRecord, sizes: tuple[Size, ...]) -> None:
    if glass.way is Way.DECIDED:
        decision = lifecycle.decide(change.request.decision, DecisionEvent.GLASS_BROKEN)
        finalise(change, decision, glass.invoker, Source.CARD, sizes)
        return
    _void_votes(change)
    deadline = min(change.now + FRESH_DEADLINE, change.request.intune_expires_at)
    change.request = replace(
        change.request,
        urgent_since=change.now,
        deadline=deadline,
        reminders=replace(change.request.reminders, claim=None),
    )
    change.plan(Expire(change.request.id), deadline)
    page_on_call(change)


def _void_votes(change: Change) -> None:
    """Remove earlier votes: their voters knew of no emergency and may be unavailable now. The one approval has to come
    from a person who can carry it to Intune now."""
    for vote in change.request.votes:
        change.note(Kind.VOTE_FELL, vote.voter, before=vote.verdict, because=GlassBrokenSince())
        change.plan(TellPerson(change.request.id, NotificationKind.ASKED_ANEW, vote.voter.account))
    change.request = replace(change.request, votes=())


def _cause(glass: BreakGlassRecord) -> BrokeGlass:
    custodian = glass.acting.name if glass.acting else ""
    return BrokeGlass(glass.invoker.account, glass.invoker.name, glass.why, custodian)


def _announce(change: Change) -> None:
    """Notify everybody: the alarm cards, the thread, and by mail every approver who was passed over."""
    request_id = change.request.id
    change.plan(PostCards(request_id))
    change.plan(Alarm(request_id, NotificationKind.GLASS_BROKEN))
    change.plan(Reply(request_id, NotificationKind.GLASS_BROKEN))
    change.plan(Announce(request_id, NotificationKind.GLASS_BROKEN))
