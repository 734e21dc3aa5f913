"""The states that the pictures show and the card tests check: one real request each, drawn by the real card code."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from approvals.policy import Group, QuorumMode, Workflow
from approvals.request import (
    Carry,
    CarryState,
    Decision,
    DecisionsMode,
    Execution,
    Fact,
    IntuneStatus,
    Person,
    Request,
    Source,
    Subject,
    Verdict,
    Vote,
)
from cards.view import Step, View, Viewer

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

RITA = Person("rita", "Rita Rossi")
ALEX = Person("alex", "Alex Adler")
CORA = Person("cora", "Cora Costa")
DANA = Person("dana", "Dana Diaz")

SECURITY = Group("g1", "Security-Admins")
BOARD = Group("g2", "Change-Advisory-Board")
MANAGERS = Group("g3", "Device-Managers")
TEAM = Group("g4", "Security-Team")

WIPE = Workflow(
    "Device wipe", "", True, 1, (MANAGERS, TEAM), QuorumMode.ANY, ("19:ops",), timedelta(hours=24), timedelta(hours=4)
)
SCRIPT = Workflow(
    "Script deployment",
    "",
    True,
    2,
    (SECURITY, BOARD),
    QuorumMode.EACH,
    ("19:cab",),
    timedelta(hours=24),
    timedelta(hours=4),
)

PC = Subject(
    ("deviceWipe",),
    "ManagedDevice",
    "wipe",
    "d1",
    "PC-1",
    "0" * 64,
    facts=(
        Fact("Serial number", "SN-4711-A"),
        Fact("Primary user", "otto@company.onmicrosoft.com"),
        Fact("Keep user data", "no"),
    ),
)
DEFENDER = Subject(
    ("script",),
    "DeviceManagementScript",
    "assign",
    "s1",
    "Update-Defender.ps1",
    "0" * 64,
    "ab" * 32,
    facts=(
        Fact("Assigned to", "All-Windows-Laptops (group of 214 devices)"),
        Fact("Runs as", "system"),
    ),
)

_PLAIN = Request(
    id="01K9Z3M8QW2T7RDA",
    intune_id="i1",
    subject=PC,
    workflows=(WIPE,),
    config_digest="",
    decisions=DecisionsMode.CARRY,
    requestor=RITA,
    initiator=None,
    justification="Stolen on the train this morning, INC-2041",
    filed_at=NOW - timedelta(minutes=12),
    opened_at=NOW - timedelta(minutes=11),
    deadline=NOW + timedelta(hours=23, minutes=49),
    intune_expires_at=NOW + timedelta(days=2, hours=23, minutes=48),
    revision=1,
    intune_status=IntuneStatus.NEEDS_APPROVAL,
)


EVERYONE = View()


@dataclass(frozen=True, slots=True)
class Sample:
    """One state under a name that becomes the picture's; `says` are phrases that the card must contain."""

    name: str
    request: Request
    view: View = EVERYONE
    says: tuple[str, ...] = ()


def _vote(request: Request, who: Person, group: Group, verdict: Verdict = Verdict.APPROVE, note: str = "") -> Request:
    source = Source.PORTAL if note == "portal" else Source.CARD
    words = "" if note == "portal" else note
    at = NOW - timedelta(minutes=4)
    return request.with_vote(Vote(who, verdict, at, request.digest, frozenset({group.id}), words, source))


def _approved(request: Request, status: IntuneStatus, carry: Carry, decided_in: Source = Source.CARD) -> Request:
    return replace(
        request,
        decision=Decision.APPROVED,
        decided_at=NOW,
        decided_digest=request.digest,
        decided_in=decided_in,
        intune_status=status,
        carry=carry,
        execution=Execution.SENT if status is IntuneStatus.COMPLETED else Execution.NONE,
    )


_SCRIPT = replace(_PLAIN, subject=DEFENDER, workflows=(SCRIPT,), justification="Defender platform update, CHG-118")
_HALF = _vote(_SCRIPT, ALEX, SECURITY, note="Tested in the pilot ring")
_WIPE_VOTED = _vote(_PLAIN, DANA, MANAGERS, note="Called the owner back")
_REJECTED = replace(
    _vote(_PLAIN, DANA, MANAGERS, Verdict.REJECT, "This is the director's spare laptop, it was found"),
    decision=Decision.REJECTED,
    decided_at=NOW,
)
_DONE = Carry(CarryState.DONE, DANA, NOW)

SAMPLES = (
    Sample("waiting", _PLAIN, says=("Wipe PC-1", "Waiting for approval", "0 of 1 approval", "Asked by: Rita Rossi")),
    Sample(
        "second-step",
        _PLAIN,
        View(Viewer.ELIGIBLE, Step.APPROVE, decides=True),
        ("factory settings", "Your approval decides"),
    ),
    Sample("reject-step", _PLAIN, View(Viewer.ELIGIBLE, Step.REJECT), ("A rejection is final",)),
    Sample("one-of-two", _HALF, View(Viewer.VOTED), ("1 of 2 approvals; Change-Advisory-Board still open",)),
    Sample("own-request", _PLAIN, View(Viewer.REQUESTOR), ("This is your own request",)),
    Sample(
        "refused",
        _PLAIN,
        View(Viewer.BYSTANDER, notice="Only members of Device-Managers or Security-Team can decide this."),
        ("Only members of",),
    ),
    Sample(
        "sign-in",
        _approved(_WIPE_VOTED, IntuneStatus.NEEDS_APPROVAL, Carry(CarryState.WANTED, DANA, NOW)),
        View(Viewer.VOTED, sign_in_url="https://bot.example/signin/x"),
        ("Please sign in",),
    ),
    Sample(
        "decision-pending",
        _approved(
            _WIPE_VOTED,
            IntuneStatus.NEEDS_APPROVAL,
            Carry(CarryState.TROUBLED, DANA, NOW, "Dana Diaz was telling Intune when the connection was cut."),
        ),
        says=("Approved here, not yet in Intune", "Anybody who may vote can finish it"),
    ),
    Sample(
        "approved-not-completed",
        _approved(_WIPE_VOTED, IntuneStatus.APPROVED, _DONE),
        says=("Approved, not yet completed", "press Complete"),
    ),
    Sample("completed", _approved(_WIPE_VOTED, IntuneStatus.COMPLETED, _DONE), says=("Completed",)),
    Sample(
        "rejected", replace(_REJECTED, intune_status=IntuneStatus.REJECTED, carry=_DONE), says=("Rejected by **Dana",)
    ),
    Sample(
        "rejected-open-in-intune",
        replace(_REJECTED, carry=Carry(CarryState.TROUBLED, DANA, NOW, "Dana Diaz has not signed in yet.")),
        says=("In Intune it is still open",),
    ),
    Sample(
        "expired", replace(_PLAIN, decision=Decision.EXPIRED, decided_at=NOW), says=("Expired", "In Intune it is still")
    ),
    Sample(
        "approved-in-portal",
        _approved(_vote(_PLAIN, DANA, MANAGERS, note="portal"), IntuneStatus.APPROVED, Carry(), Source.PORTAL),
        says=("Approved in the portal, not yet completed",),
    ),
    Sample(
        "approved-below-quorum",
        replace(_vote(_SCRIPT, ALEX, SECURITY, note="portal"), intune_status=IntuneStatus.APPROVED),
        says=("Approved in intune below quorum", "An approver can withdraw that approval"),
    ),
    Sample(
        "details",
        _SCRIPT,
        View(
            Viewer.ELIGIBLE,
            Step.DETAILS,
            script="Update-MpSignature\nSet-MpPreference -DisableRealtimeMonitoring $false",
        ),
        ("Update-MpSignature", "SHA-256"),
    ),
)
