"""States of requests that the pictures show and the tests check."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from approvals.order import Act, Filing, FilingState, Option, Order
from approvals.people import Group, Person
from approvals.policy import QuorumMode, Workflow
from approvals.problems import CutOff, NothingHolds, NotSignedIn, Problem
from approvals.request import (
    Carry,
    CarryState,
    Decided,
    Decision,
    DecisionsMode,
    Execution,
    IntuneStatus,
    Request,
    Source,
    Verdict,
    Vote,
)
from approvals.subject import (
    Device,
    Fate,
    Permissions,
    Reach,
    Relation,
    Script,
    Setting,
    Subject,
    Target,
    TargetKind,
    Wipe,
)
from bot.config.clouds import CLOUDS, CloudName
from cards.view import CardStep, View, Viewer

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
WIDE, PHONE = 500, 320
"""Width of a card on a desktop and on a phone, in pixels."""


def person(name: str) -> Person:
    """Return a person whose account id is their first name."""
    account = name.split(maxsplit=1)[0].lower()
    return Person(account, name)


RITA, DANA, ALEX, CORA = map(person, ("Rita Rossi", "Dana Diaz", "Alex Adler", "Cora Costa"))

ADMINS = Group("g1", "Security-Admins")
BOARD = Group("g2", "Change-Advisory-Board")
MANAGERS = Group("g3", "Device-Managers")
TEAM = Group("g4", "Security-Team")
DIRECTORS = Group("g5", "IT-Directors")


def workflow(operation: str, required: int, *groups: Group) -> Workflow:
    """Return a workflow with the usual deadlines."""
    mode = QuorumMode.EACH if required >= len(groups) else QuorumMode.ANY
    day, urgent = timedelta(hours=24), timedelta(hours=4)
    return Workflow(operation, "", True, required, groups, mode, ("19:approvals",), day, urgent)


WIPE = workflow("Device wipe", 1, MANAGERS, TEAM)
SCRIPT = workflow("Script deployment", 2, ADMINS, BOARD)
ROLE = workflow("Role management", 1, ADMINS, DIRECTORS)
ACCESS = replace(workflow("Access policy changes", 2, ADMINS, DIRECTORS), alarms=True)

LAPTOPS = Target(TargetKind.GROUP, "e1", "All-Windows-Laptops", "dynamic security group", 412)
STAFF = Target(TargetKind.GROUP, "e2", "All-Staff", "security group", 1840)

PC = Subject(
    policy_types=("deviceWipe",),
    kind="ManagedDevice",
    action="wipe",
    target_id="5f0c",
    target="PC-1",
    payload_sha256="0" * 64,
    devices=(Device("5f0c", "PC-1", "SN-1001", "otto@company.onmicrosoft.com"),),
    device_count=1,
)
DEFENDER = Subject(
    policy_types=("script",),
    kind="DeviceManagementScript",
    action="assign",
    target_id="9b1d",
    target="Update-Defender",
    payload_sha256="0" * 64,
    content_sha256="1" * 64,
    facts=(
        Script("scriptContent", "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8559", 6),
        Setting("runAsAccount", "system"),
    ),
    reaches=(Reach(Relation.REACHES, LAPTOPS),),
)
HELPDESK = Subject(
    policy_types=("role",),
    kind="RoleDefinition",
    action="update",
    target_id="77aa",
    target="Branch Helpdesk",
    payload_sha256="0" * 64,
    facts=(
        Permissions(("Microsoft.Intune_RemoteTasks_Retire", "Microsoft.Intune_RemoteTasks_Wipe"), Fate.ADDED),
        Permissions((), Fate.REMOVED),
        Setting("description", "Looks, locks and wipes.", "Looks, locks, and nothing else.", Fate.CHANGED),
    ),
)
WIPE_POLICY = Subject(
    policy_types=("operationApprovalPolicy",),
    kind="OperationApprovalPolicy",
    action="update",
    target_id="31c2",
    target="Device wipe",
    payload_sha256="0" * 64,
    reaches=(Reach(Relation.APPROVES, STAFF),),
)

DEFENDER_SCRIPT = """$ErrorActionPreference = 'Stop'
if ((Get-MpComputerStatus).AntivirusSignatureAge -gt 1) {
    Update-MpSignature
}
Set-MpPreference -DisableRealtimeMonitoring $false
"""

WAITING = Request(
    id="01K9Z3M8QW2T7RDA",
    intune_id="i1",
    subject=PC,
    workflows=(WIPE,),
    config_digest="",
    decisions=DecisionsMode.CARRY,
    requestor=RITA,
    initiator=None,
    justification="Stolen on the train this morning, INC-2041. The owner has confirmed it by phone.",
    filed_at=NOW - timedelta(minutes=12),
    opened_at=NOW - timedelta(minutes=11),
    deadline=NOW + timedelta(hours=23, minutes=49),
    intune_expires_at=NOW + timedelta(days=2, hours=23, minutes=48),
    revision=1,
    intune_status=IntuneStatus.NEEDS_APPROVAL,
)


def voted(
    request: Request, who: Person, group: Group, note: str = "", *, no: bool = False, portal: bool = False
) -> Request:
    """Return the request with this person's vote."""
    verdict = Verdict.REJECT if no else Verdict.APPROVE
    source = Source.PORTAL if portal else Source.CARD
    at = NOW - timedelta(minutes=4)
    return request.with_vote(Vote(who, verdict, at, request.digest, frozenset({group.id}), note, source))


def decided(
    request: Request,
    decision: Decision,
    status: IntuneStatus | None,
    carry: CarryState,
    problem: Problem | None = None,
) -> Request:
    """Return the request after this decision."""
    return replace(
        request,
        decided=None if decision is Decision.OPEN else Decided(decision, NOW, request.digest),
        intune_status=status,
        carry=None if carry is CarryState.NONE else Carry(carry, request.votes[-1].voter, NOW, problem),
        execution=Execution.SENT if status is IntuneStatus.COMPLETED else Execution.NONE,
    )


ASSIGNMENT = replace(
    WAITING, subject=DEFENDER, workflows=(SCRIPT,), justification="Platform update for the autumn release, CHG-118"
)
HALFWAY = voted(ASSIGNMENT, ALEX, ADMINS, "Ran in the pilot ring since Friday, no complaints.")
WIPE_VOTED = voted(WAITING, DANA, MANAGERS, "Called the owner back, it is really gone.")
WIPE_REFUSED = voted(WAITING, DANA, MANAGERS, "That is the spare laptop; it lies on my desk.", no=True)
IN_PORTAL = replace(voted(ASSIGNMENT, ALEX, ADMINS, portal=True), intune_status=IntuneStatus.APPROVED)

PORTAL = CLOUDS[CloudName.GLOBAL].portal_url
look = partial(View, portal_url=PORTAL)
"""Creates a view of a card in the public cloud."""

EVERYONE = look()
NEEDS, APPROVED = IntuneStatus.NEEDS_APPROVAL, IntuneStatus.APPROVED


@dataclass(frozen=True, slots=True)
class Sample:
    """One state of a request. `says` are phrases that its card must contain. `pictured` states are drawn to files of
    their name."""

    name: str
    request: Request
    view: View = EVERYONE
    says: tuple[str, ...] = ()
    width: int = WIDE
    pictured: bool = True


ORDERED_FILING = Filing(Order(Act.WIPE, "5f0c"), WAITING.opened_at)
PROTECTED = Order(Act.WIPE, "5f0c", options=frozenset({Option.KEEP_USER_DATA, Option.PROTECTED}))
PROTECTED_PC = replace(PC, wipe=Wipe(keeps_user_data=True, is_protected=True))
ORDERED = replace(
    WAITING,
    intune_id=None,
    intune_status=None,
    requestor=None,
    initiator=RITA,
    filing=ORDERED_FILING,
)
ORDERED_VOTED = decided(voted(ORDERED, DANA, MANAGERS), Decision.APPROVED, None, CarryState.DONE)


_LATER = {
    FilingState.COMPLETED: timedelta(seconds=2),
    FilingState.RAN: timedelta(seconds=2),
    FilingState.DROPPED: timedelta(minutes=21),
}


def filed(
    state: FilingState, status: IntuneStatus | None, execution: Execution, problem: Problem | None = None
) -> Request:
    """Return Rita's order, approved by Dana, in this state in Intune."""
    unheld = state in (FilingState.WAITS, FilingState.BLOCKED, FilingState.RAN, FilingState.DROPPED)
    over = execution in (Execution.DONE, Execution.FAILED)
    filing = Filing(
        ORDERED_FILING.order,
        state=state,
        since=NOW + _LATER.get(state, timedelta()),
        problem=problem,
        held_at=None if unheld else NOW,
        done_at=NOW + timedelta(minutes=21) if over else None,
    )
    return replace(ORDERED_VOTED, filing=filing, intune_status=status, execution=execution, intune_approver=DANA)


ORDERS = (
    Sample(
        "order-waiting",
        ORDERED,
        look(Viewer.REQUESTOR),
        ("Waiting for approval", "✓ Asked", "○ Approved", "your own request"),
    ),
    Sample(
        "order-second-step",
        replace(ORDERED, filing=Filing(PROTECTED, ORDERED.opened_at), subject=PROTECTED_PC),
        look(Viewer.ELIGIBLE, CardStep.APPROVE, decides=True),
        ("Your approval decides", "carried out at once", "data on it is kept", "Protected: it cannot be stopped"),
        PHONE,
    ),
    Sample(
        "order-blocked",
        filed(
            FilingState.BLOCKED,
            None,
            Execution.NONE,
            NothingHolds("deviceWipe", "windows10AndLater"),
        ),
        says=("Approved, but not filed in Intune", "Nothing was sent", "An approver can press Finish", "○ Filed"),
    ),
    Sample(
        "order-held",
        filed(FilingState.HELD, IntuneStatus.NEEDS_APPROVAL, Execution.NONE),
        says=("Approved here, not yet in Intune", "✓ Filed", "○ Sent"),
        pictured=False,
    ),
    Sample(
        "order-sent",
        filed(FilingState.COMPLETED, IntuneStatus.COMPLETED, Execution.RUNNING),
        look(Viewer.REQUESTOR),
        ("Sent and running", "✓ Sent", "○ Done", "under way"),
    ),
    Sample(
        "order-done",
        filed(FilingState.COMPLETED, IntuneStatus.COMPLETED, Execution.DONE),
        look(Viewer.REQUESTOR),
        ("✓ Done", "Intune says that it is done"),
    ),
    Sample(
        "order-failed",
        filed(FilingState.COMPLETED, IntuneStatus.COMPLETED, Execution.FAILED),
        says=("✕ Failed", "Look at it in Intune"),
        pictured=False,
    ),
    Sample(
        "order-cancelled",
        replace(
            ORDERED,
            decided=Decided(Decision.WITHDRAWN, NOW),
            filing=Filing(ORDERED_FILING.order, NOW, FilingState.DROPPED),
        ),
        says=("■ Cancelled", "Rita Rossi took it back", "Nothing was sent to Intune"),
    ),
    Sample(
        "order-cancelled-after-approval",
        filed(FilingState.DROPPED, None, Execution.NONE),
        says=("Cancelled", "✓ Approved", "■ Ended"),
        pictured=False,
    ),
    Sample(
        "order-out-of-time",
        replace(filed(FilingState.DROPPED, None, Execution.NONE), intune_expires_at=NOW),
        says=("Approved, but not filed in time",),
        pictured=False,
    ),
    Sample(
        "order-approved-by-the-one-who-asked",
        replace(filed(FilingState.HELD, IntuneStatus.APPROVED, Execution.NONE), intune_approver=RITA),
        look(Viewer.ELIGIBLE),
        ("Alarm", "counts for nothing"),
    ),
    Sample(
        "order-ran-unheld",
        filed(FilingState.RAN, None, Execution.SENT),
        says=("Alarm", "ran when it was filed", "The quorum here was reached"),
    ),
)

SAMPLES = (
    *ORDERS,
    Sample(
        "waiting",
        WAITING,
        says=("Waiting for approval", "Wipe PC-1", "Rita Rossi", "INC-2041", "factory settings", "0 of 1 approval"),
    ),
    Sample("waiting-phone", WAITING, says=("Wipe PC-1",), width=PHONE),
    Sample(
        "second-step",
        WAITING,
        look(Viewer.ELIGIBLE, CardStep.APPROVE, decides=True),
        ("You are about to approve", "Wipe PC-1", "factory settings", "Your approval decides", "in your name"),
    ),
    Sample(
        "reject-step",
        WAITING,
        look(Viewer.ELIGIBLE, CardStep.REJECT),
        ("You are about to reject", "decides at once and is final"),
        pictured=False,
    ),
    Sample(
        "one-of-two",
        HALFWAY,
        look(Viewer.ELIGIBLE),
        (
            "Assign script Update-Defender to All-Windows-Laptops",
            "1 of 2 approvals; Change-Advisory-Board still open",
            "Alex Adler approved",
            "Security-Admins",
            "pilot ring",
        ),
    ),
    Sample("voted", HALFWAY, look(Viewer.VOTED, own_vote=HALFWAY.votes[0]), ("You approved this",), pictured=False),
    Sample("own-request", WAITING, look(Viewer.REQUESTOR), ("This is your own request",), pictured=False),
    Sample(
        "refused",
        WAITING,
        look(Viewer.BYSTANDER, notice="Only members of Device-Managers or Security-Team can decide this."),
        ("Only members of Device-Managers or Security-Team",),
        pictured=False,
    ),
    Sample(
        "role-change",
        replace(WAITING, subject=HELPDESK, workflows=(ROLE,), opened_urgent=True, justification="Night shift, CHG-121"),
        says=("Urgent", "Update role Branch Helpdesk", "Looks, locks, and nothing else. → Looks, locks and wipes."),
    ),
    Sample(
        "policy-change",
        replace(WAITING, subject=WIPE_POLICY, workflows=(ACCESS,), justification="Approvals take too long"),
        says=("Update access policy Device wipe", "controls every later approval"),
    ),
    Sample(
        "sign-in",
        decided(WIPE_VOTED, Decision.APPROVED, NEEDS, CarryState.WANTED),
        look(Viewer.VOTED, sign_in_url="https://bot.company.example/signin/x", own_vote=WIPE_VOTED.votes[0]),
        ("Please sign in", "Intune not told yet"),
        pictured=False,
    ),
    Sample(
        "decision-pending",
        decided(
            WIPE_VOTED,
            Decision.APPROVED,
            NEEDS,
            CarryState.TROUBLED,
            CutOff("Dana Diaz"),
        ),
        says=("Intune not told yet", "the connection was cut", "Any approver can finish it"),
    ),
    Sample(
        "tracked",
        replace(decided(WIPE_VOTED, Decision.APPROVED, NEEDS, CarryState.NONE), decisions=DecisionsMode.TRACK),
        says=("Approved here, not yet in Intune", "Now an approver has to approve it in Intune as well"),
        pictured=False,
    ),
    Sample(
        "approved-not-completed",
        decided(WIPE_VOTED, Decision.APPROVED, APPROVED, CarryState.DONE),
        says=("Approved, not completed yet", "Nothing has happened yet", "Rita Rossi must press Complete in Intune by"),
    ),
    Sample(
        "completed",
        decided(WIPE_VOTED, Decision.APPROVED, IntuneStatus.COMPLETED, CarryState.DONE),
        says=("Completed", "Intune has taken it up"),
    ),
    Sample(
        "rejected",
        decided(WIPE_REFUSED, Decision.REJECTED, IntuneStatus.REJECTED, CarryState.DONE),
        says=("Rejected", "Dana Diaz rejected", "lies on my desk"),
    ),
    Sample(
        "rejected-open-in-intune",
        decided(WIPE_REFUSED, Decision.REJECTED, NEEDS, CarryState.TROUBLED, NotSignedIn("Dana Diaz")),
        says=("Rejected here, still open in Intune", "In Intune it is still open", "Any approver can finish it"),
    ),
    Sample(
        "expired",
        replace(HALFWAY, decided=Decided(Decision.EXPIRED, NOW)),
        says=("Expired", "In Intune it is still open"),
    ),
    Sample(
        "withdrawn",
        replace(WAITING, decided=Decided(Decision.WITHDRAWN, NOW), intune_status=IntuneStatus.CANCELLED),
        says=("Withdrawn",),
        pictured=False,
    ),
    Sample(
        "approved-in-portal-below-quorum",
        IN_PORTAL,
        look(Viewer.ELIGIBLE),
        ("Alarm", "Approved in Intune below quorum", "withdraw that approval", "Alex Adler approved in Intune"),
    ),
    Sample(
        "switched-off",
        replace(WAITING, workflows=(replace(WIPE, enabled=False),)),
        says=("To be decided in Intune", "switched off for Device wipe"),
    ),
    Sample(
        "nobody-may-decide",
        replace(WAITING, workflows=(replace(WIPE, operation="Everything else", groups=()),)),
        says=("To be decided in Intune", "No approver group is configured"),
        pictured=False,
    ),
    Sample(
        "unknown-requestor",
        replace(ASSIGNMENT, requestor=None),
        says=("Intune does not say who asked for this",),
    ),
    Sample(
        "details",
        ASSIGNMENT,
        look(
            Viewer.ELIGIBLE,
            CardStep.DETAILS,
            script=DEFENDER_SCRIPT,
        ),
        ("Update-MpSignature", "SHA-256"),
    ),
)
