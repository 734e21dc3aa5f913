"""The cards of an emergency: on-call chat, prompt, request after break-glass, review, and lists.

The rules themselves produce the states, so no picture shows an impossible one.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from approvals.audit import AuditEntry, Identified, Kind
from approvals.break_glass import Invocation, Prompt, break_glass, why_not_enough
from approvals.carry import carried, start_carry
from approvals.coverage import Coverage, NightCover, why_too_few_there
from approvals.decide import Ballot
from approvals.emergency import Emergency, EmergencyAccount, Finding, Way
from approvals.ladder import Claim, Ladder, Paging, Reminders, Rung
from approvals.ladder import Step as LadderStep
from approvals.outcome import Outcome
from approvals.people import Group, Person
from approvals.reconcile import Terms, open_request, reconcile
from approvals.reminding import climb, page
from approvals.request import IntuneStatus, Request, Verdict
from approvals.review import close_review
from approvals.snapshot import Eligibility, Snapshot
from cards import glass_card, lists, trail
from cards.actions import fingerprint_of
from cards.because import worded
from cards.refusals import refusal_sentence
from cards.request_card import draw
from cards.review_card import review_card
from cards.view import CardStep, Viewer
from handlers.answers.auditing import DECISIONS
from tests.samples.chats import Chat
from tests.samples.gallery import (
    DANA,
    DIRECTORS,
    HALFWAY,
    MANAGERS,
    NOW,
    ORDERED,
    PHONE,
    RITA,
    ROLE,
    SCRIPT,
    WAITING,
    WIPE,
    look,
    person,
)

IVAN, SAM, MARC, OTTO, SHARED = map(
    person, ("Ivan Ilic", "Sam Schmidt", "Marc Meyer", "Otto Okafor", "Emergency Admin 1")
)
WHY = "The director's laptop was stolen at the airport an hour ago, it is unlocked and online"
REHEARSED = "The drill of this quarter: we say that a laptop was stolen at the airport"
FOUND = "The police report matches, the device was online and unlocked. It could not have waited."
NIGHT = NOW - timedelta(hours=7)
FILED = NIGHT - timedelta(hours=1)

ACCOUNT = EmergencyAccount(SHARED, (MARC, IVAN))
EMERGENCY = Emergency(open=True, accounts=(ACCOUNT,), groups=(DIRECTORS,))
LADDER = Ladder(urgent=(LadderStep(timedelta(minutes=45), Rung.ON_CALL),), chat="19:oncall")
TERMS = Terms((replace(WIPE, urgent=True, ladder=LADDER),), "", WAITING.decisions, EMERGENCY)

URGENT = replace(
    WAITING,
    opened_urgent=True,
    reminders=Reminders(climbed=3),
    deadline=NOW + timedelta(hours=3),
    opened_at=NOW - timedelta(hours=1),
)
PAGED = replace(URGENT, reminders=replace(URGENT.reminders, paging=Paging("19:oncall", NOW, (SAM, DANA))))
CLAIMED = replace(PAGED, reminders=replace(PAGED.reminders, claim=Claim(SAM, NOW + timedelta(minutes=10))))

PROMPT = Prompt("01K9Z3M8QW2T7RDB", URGENT.id, SHARED, NOW)


def eligibility(who: Person, *groups: Group) -> Eligibility:
    """Return this person's eligibility."""
    return Eligibility(who, frozenset(group.id for group in groups), active=True)


def invoked(who: Person, *groups: Group, why: str = WHY, ticket: str = "", acting: str = "") -> Invocation:
    """Return this person's signed-in use of break-glass."""
    return Invocation(eligibility(who, *groups), Identified.BY_TOKEN, why, ticket, acting)


def broken(request: Request, by: Invocation, at: datetime) -> Outcome:
    """Return the outcome of break-glass."""
    return break_glass(request, EMERGENCY, by, fingerprint_of(request), at)


def _seen(status: IntuneStatus, at: datetime) -> Snapshot:
    """Return the request as Intune shows it."""
    why = "Stolen at the airport, INC-2091"
    return Snapshot("i1", status, WAITING.subject, RITA, None, why, "", FILED, FILED + timedelta(days=3), at)


class Night:
    """The story of one request, with all its audit entries."""

    def __init__(self) -> None:
        self.recorded: list[AuditEntry] = []

    def then(self, outcome: Outcome) -> Request:
        """Record the outcome's audit entries and return its request."""
        self.recorded += tuple(map(worded, outcome.entries))
        return outcome.request

    def posted(self, at: datetime) -> None:
        """Record that a card was posted."""
        self.recorded.append(AuditEntry(Kind.POSTED, at, WAITING.id))

    def until_broken(self) -> Request:
        """Return the request after nobody has answered and Ivan has used break-glass."""
        called = FILED + timedelta(minutes=45)
        request = self.then(
            open_request(WAITING.id, _seen(IntuneStatus.NEEDS_APPROVAL, FILED), TERMS, FILED, history=False)
        )
        self.posted(FILED)
        request = self.then(climb(request, 0, called))
        request = self.then(page(request, 0, (SAM,), called))
        self.posted(called)
        self.then(broken(request, invoked(OTTO), NIGHT - timedelta(minutes=5)))
        request = self.then(broken(request, invoked(IVAN, DIRECTORS), NIGHT))
        ballot = Ballot(eligibility(IVAN), Verdict.APPROVE, fingerprint_of(request), Identified.BY_TOKEN)
        request = self.then(start_carry(request, ballot, NIGHT))
        return self.then(carried(request, IVAN, "", NIGHT))

    def until_reviewed(self, request: Request) -> Request:
        """Return the request after Dana has closed its review."""
        found = eligibility(DANA, MANAGERS)
        return self.then(close_review(request, found, Finding.JUSTIFIED, FOUND, Identified.BY_CHANNEL, NOW))


NIGHT_SHIFT = Night()
BROKEN = NIGHT_SHIFT.until_broken()
DECIDED = BROKEN.glass[0]
_COMPLETED_AT = NIGHT + timedelta(minutes=4)
REVIEWED = NIGHT_SHIFT.then(reconcile(BROKEN, _seen(IntuneStatus.COMPLETED, _COMPLETED_AT), TERMS, {}, _COMPLETED_AT))
CLOSED = NIGHT_SHIFT.until_reviewed(REVIEWED)
assert REVIEWED.review is not None
REVIEW = REVIEWED.review
OVERDUE = replace(REVIEWED, id="01K9Z3P7YJ5M2KFD", review=replace(REVIEW, due=NOW - timedelta(hours=5)))

HIS_OWN = replace(PAGED, requestor=MARC)
ESCALATED = broken(HIS_OWN, invoked(SHARED, ticket="INC-2091", acting=MARC.account), NOW).request
DRILL = broken(
    replace(ORDERED, drill=True, workflows=TERMS.workflows), invoked(RITA, DIRECTORS, why=REHEARSED), NOW
).request
TOO_SHORT = why_not_enough(EMERGENCY, invoked(RITA, DIRECTORS, why="Stolen"))

EMERGENCIES = (
    Chat(
        "on-call",
        draw(PAGED, look(on_call=True)),
        ("Urgent", "Waiting since", "Sam Schmidt and Dana Diaz", "3 times"),
    ),
    Chat("on-call-phone", draw(PAGED, look(on_call=True)), ("Wipe PC-1",), PHONE),
    Chat("claimed", draw(CLAIMED, look(Viewer.ELIGIBLE)), ("Sam Schmidt is looking at this until",)),
    Chat(
        "urgent-step",
        draw(WAITING, look(Viewer.ELIGIBLE, CardStep.URGENT)),
        ("You are about to make this urgent",),
    ),
    Chat(
        "glass-prompt",
        glass_card.prompt(PROMPT, URGENT, ACCOUNT, Way.DECIDED, ticket=True),
        ("Break glass", "The quorum is set aside", "factory settings", "0 of 1"),
    ),
    Chat(
        "glass-prompt-own-phone",
        glass_card.prompt(
            replace(PROMPT, invoker=RITA),
            URGENT,
            None,
            Way.ESCALATED,
            ticket=False,
            notice=refusal_sentence(TOO_SHORT) if TOO_SHORT else "",
        ),
        ("You cannot decide this yourself", "one other person", "at least 20 characters"),
        PHONE,
    ),
    Chat(
        "glass-drill",
        glass_card.prompt(replace(PROMPT, drill=True), URGENT, None, Way.DECIDED, ticket=False),
        ("This is a drill", "nothing reaches Intune", "In a real emergency: The device is reset"),
    ),
    Chat(
        "glass-sign-in",
        glass_card.prompt(
            replace(PROMPT, why=WHY),
            URGENT,
            ACCOUNT,
            Way.DECIDED,
            ticket=False,
            sign_in_url="https://bot.company.example/signin/x",
        ),
        ("Sign in to confirm your identity", "stolen at the airport"),
    ),
    Chat(
        "glass-broken",
        draw(BROKEN, look()),
        ("Ivan Ilic broke the glass", "stolen at the airport", "Approved with break-glass"),
    ),
    Chat(
        "glass-escalated",
        draw(ESCALATED, look(Viewer.ELIGIBLE)),
        ("Marc Meyer (as Emergency Admin 1) broke the glass", "One other person has to approve it"),
    ),
    Chat(
        "glass-drill-asked",
        draw(DRILL, look()),
        ("Drill: Wipe PC-1", "One other person has to approve it", "nothing reaches Intune"),
    ),
    Chat(
        "review-open",
        review_card(REVIEWED, overdue=False),
        ("Review needed", "Involved", "Ivan Ilic", "Review by", "Requested by Rita Rossi", "who were not involved"),
    ),
    Chat("review-overdue-phone", review_card(OVERDUE, overdue=True), ("Review overdue",), PHONE),
    Chat(
        "review-closing",
        review_card(REVIEWED, overdue=False, closing=True),
        ("Review needed", "Involved"),
    ),
    Chat(
        "review-closed",
        review_card(CLOSED, overdue=False),
        ("Review closed: justified", "Finding (Dana Diaz): The police"),
    ),
    Chat(
        "audit-trail",
        trail.trail(CLOSED, NIGHT_SHIFT.recorded),
        ("Audit", "Ivan Ilic (signed in) broke the glass", "closed the review as justified", "asked to wipe PC-1"),
    ),
    Chat(
        "audit-history",
        trail.history([(one, CLOSED) for one in NIGHT_SHIFT.recorded if one.kind in DECISIONS]),
        ("What was decided lately", "Wipe PC-1", "broke the glass", "closed the review"),
    ),
    Chat("list-reviews", lists.reviews([REVIEWED, OVERDUE], NOW), ("Open reviews", "Overdue since", "Due")),
    Chat(
        "list-coverage",
        lists.coverage(
            [
                (WIPE.operation, Coverage()),
                (
                    SCRIPT.operation,
                    Coverage(why_too_few_there((SCRIPT,), HALFWAY.votes, frozenset(), None)),
                ),
                (ROLE.operation, Coverage(night=NightCover.ON_CALL)),
            ]
        ),
        ("Script deployment", "Too few approvers are available now: 1 of the 2 needed", "The quorum can be reached"),
    ),
)
