"""The cards of an emergency: the on-call chat, the prompt, the broken glass, the review, and the lists."""

from dataclasses import replace
from datetime import timedelta

from approvals.audit import AuditEntry, Identified, Kind
from approvals.break_glass import Prompt
from approvals.emergency import EmergencyAccount, Finding, Glass, Review, Way
from approvals.ladder import Claim, Paging
from approvals.people import Person
from approvals.request import CarryState, Decision, Execution, IntuneStatus
from cards import glass_card, lists, trail
from cards.request_card import draw
from cards.review_card import review_card
from cards.view import Step, View, Viewer
from docs.pictures.chats import Chat
from docs.pictures.gallery import DANA, NOW, PHONE, PORTAL, WAITING, decided, person

IVAN, SAM, MARC, SHARED = map(person, ("Ivan Ilic", "Sam Schmidt", "Marc Meyer", "Emergency Admin 1"))
WHY = "The director's MacBook was stolen at the airport an hour ago, it is unlocked and online"
NIGHT = NOW - timedelta(hours=7)

URGENT = replace(WAITING, urgent=True, climbed=3, deadline=NOW + timedelta(hours=3), opened_at=NOW - timedelta(hours=1))
PAGED = replace(URGENT, paging=Paging("19:oncall", NOW, (SAM, DANA)))
CLAIMED = replace(PAGED, claim=Claim(SAM, NOW + timedelta(minutes=10)))

PROMPT = Prompt("01K9Z3M8QW2T7RDB", URGENT.id, SHARED, NOW)
ACCOUNT = EmergencyAccount(SHARED, (MARC, IVAN))

DECIDED = Glass(IVAN, WHY, NIGHT, Way.DECIDED, "0 of 1 approval")
CALLED = Glass(
    SHARED, WHY, NOW, Way.ESCALATED, "0 of 1 approval", acting=MARC, custodians=(MARC, IVAN), ticket="INC-2091"
)
BROKEN = replace(
    decided(URGENT, Decision.BROKEN_GLASS, IntuneStatus.APPROVED, CarryState.DONE), glass=(DECIDED,), urgent=True
)
ESCALATED = replace(PAGED, glass=(CALLED,), review=None)
DRILL = replace(ESCALATED, drill=True, glass=(replace(CALLED, way=Way.ESCALATED),))

REVIEW = Review(f"Ivan Ilic broke the glass: {WHY}", NIGHT, NOW + timedelta(hours=65), (IVAN,), ())
REVIEWED = replace(
    BROKEN,
    review=REVIEW,
    opened_at=NIGHT - timedelta(hours=1),
    decided_at=NIGHT,
    intune_status=IntuneStatus.COMPLETED,
    execution=Execution.SENT,
)
CLOSED = replace(
    REVIEWED,
    review=replace(
        REVIEW,
        closed_at=NOW,
        closed_by=DANA,
        finding=Finding.JUSTIFIED,
        text="The police report matches, the device was online and unlocked. It could not have waited.",
    ),
)
OVERDUE = replace(REVIEWED, id="01K9Z3P7YJ5M2KFD", review=replace(REVIEW, due=NOW - timedelta(hours=5)))


def _entry(kind: Kind, minutes: int, who: Person | None = None, **more: str) -> AuditEntry:
    """One entry of that night."""
    signed = kind in (Kind.GLASS_BROKEN, Kind.INTUNE_ANSWERED)
    known = Identified.BY_TOKEN if signed else Identified.BY_CHANNEL
    by = (who.account, who.name, known) if who else ("", "", Identified.NOBODY)
    return AuditEntry(kind, NIGHT + timedelta(minutes=minutes), WAITING.id, *by, **more)


TRAIL = (
    _entry(Kind.PICKED_UP, -60, after="needsApproval", why="Device wipe"),
    _entry(Kind.POSTED, -60),
    _entry(Kind.REMINDED, -15, after="on-call"),
    _entry(Kind.ESCALATED, -15, after="Sam Schmidt"),
    _entry(Kind.REFUSED, -5, person("Otto Okafor"), why="Your account is not one of those that may break glass."),
    _entry(Kind.GLASS_BROKEN, 0, IVAN, after="decided", why=WHY),
    _entry(Kind.REVIEW_OPENED, 0, after="2026-11-26 02:30 UTC"),
    _entry(Kind.INTUNE_ANSWERED, 0, IVAN, after="broken-glass"),
    _entry(Kind.REVIEW_CLOSED, 420, DANA, after="justified", why="The police report matches."),
)

EMERGENCIES = (
    Chat(
        "on-call",
        draw(PAGED, View(on_call=True), PORTAL),
        ("Urgent", "Waits since", "Sam Schmidt and Dana Diaz", "3 times"),
    ),
    Chat("on-call-phone", draw(PAGED, View(on_call=True), PORTAL), ("Wipe PC-1",), PHONE),
    Chat("claimed", draw(CLAIMED, View(Viewer.ELIGIBLE), PORTAL), ("Sam Schmidt is looking at this until",)),
    Chat(
        "urgent-step",
        draw(WAITING, View(Viewer.ELIGIBLE, Step.URGENT), PORTAL),
        ("You are about to make this urgent",),
    ),
    Chat(
        "glass-prompt",
        glass_card.prompt(PROMPT, URGENT, ACCOUNT, Way.DECIDED, ticket=True),
        ("Break glass", "The quorum is set aside", "factory settings", "0 of 1 approval"),
    ),
    Chat(
        "glass-prompt-own-phone",
        glass_card.prompt(PROMPT, URGENT, None, Way.ESCALATED, ticket=False, notice="Please say what it is."),
        ("You cannot decide this yourself", "one other person"),
        PHONE,
    ),
    Chat(
        "glass-drill",
        glass_card.prompt(replace(PROMPT, drill=True), URGENT, None, Way.DECIDED, ticket=False),
        ("This is a drill", "nothing reaches Intune"),
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
        ("Please sign in", "stolen at the airport"),
    ),
    Chat(
        "glass-broken",
        draw(BROKEN, View(), PORTAL),
        ("Ivan Ilic broke the glass", "stolen at the airport", "Approved with break-glass"),
    ),
    Chat(
        "glass-escalated",
        draw(ESCALATED, View(Viewer.ELIGIBLE), PORTAL),
        ("Marc Meyer (as Emergency Admin 1) broke the glass", "One other person has to approve it"),
    ),
    Chat("glass-drill-asked", draw(DRILL, View(), PORTAL), ("Drill: Wipe PC-1", "Drill, nothing is done")),
    Chat(
        "review-open",
        review_card(REVIEWED, overdue=False),
        ("Review needed", "Had a part", "Ivan Ilic", "Review by", "nobody who had a part"),
    ),
    Chat("review-overdue-phone", review_card(OVERDUE, overdue=True), ("Review overdue",), PHONE),
    Chat(
        "review-closing",
        review_card(REVIEWED, overdue=False, closing=True),
        ("Review needed", "Had a part"),
    ),
    Chat("review-closed", review_card(CLOSED, overdue=False), ("Review closed: justified", "Dana Diaz", "police")),
    Chat(
        "audit-trail",
        trail.trail(CLOSED, TRAIL),
        ("Audit", "Ivan Ilic (signed in) broke the glass", "closed the review as justified", "Found in Intune"),
    ),
    Chat("audit-history", trail.history(TRAIL[1:]), ("What was decided lately", "broke the glass")),
    Chat("list-reviews", lists.reviews([REVIEWED, OVERDUE], NOW), ("Open reviews", "Overdue since", "Due")),
    Chat(
        "list-coverage",
        lists.coverage(
            {"Script deployment": "too many are away right now: 1 person could approve, 2 must."},
            ["Device wipe", "Script deployment"],
        ),
        ("Script deployment", "too many are away", "The quorum can be reached"),
    ),
)
