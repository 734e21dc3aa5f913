"""Small, readable requests and people for the rules' tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from approvals.audit import Identified
from approvals.decide import Ballot
from approvals.fingerprint import fingerprint_of
from approvals.people import Group, Person
from approvals.policy import QuorumMode, Workflow
from approvals.reconcile import Terms
from approvals.request import (
    Carry,
    Decided,
    Decision,
    DecisionsMode,
    IntuneStatus,
    Request,
    Verdict,
)
from approvals.snapshot import Eligibility, Snapshot
from approvals.subject import Subject

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

ADMINS = Group("g-admins", "Security-Admins")
CAB = Group("g-cab", "Change-Advisory-Board")


def person(name: str, *also: str) -> Person:
    """Somebody whose account is called like themselves, with further linked accounts."""
    return Person(name, name.capitalize(), frozenset({name, *also}))


RITA = person("rita", "rita-admin")
ALEX = person("alex")
CORA = person("cora")
DANA = person("dana")


def eligibility(who: Person, *groups: Group, active: bool = True) -> Eligibility:
    """How this person stands right now."""
    return Eligibility(who, frozenset(group.id for group in groups), active)


def workflow(**changes: Any) -> Workflow:
    """Script deployment as the seed has it: two people, one of each group."""
    flow = Workflow(
        operation="Script deployment",
        description="",
        enabled=True,
        required=2,
        groups=(ADMINS, CAB),
        mode=QuorumMode.EACH,
        channels=("19:cab",),
        deadline=timedelta(hours=24),
        urgent_deadline=timedelta(hours=4),
    )
    return replace(flow, **changes)


SUBJECT = Subject(("script",), "DeviceManagementScript", "assign", "s1", "Update-Defender", "0" * 64)


def request(**changes: Any) -> Request:
    """An open request of Rita's that waits in Intune."""
    made = Request(
        id="R1",
        intune_id="i1",
        subject=SUBJECT,
        workflows=(workflow(),),
        config_digest="c1",
        decisions=DecisionsMode.CARRY,
        requestor=RITA,
        initiator=None,
        justification="INC-1",
        filed_at=NOW,
        opened_at=NOW,
        deadline=NOW + timedelta(hours=24),
        intune_expires_at=NOW + timedelta(days=3),
        revision=1,
        intune_status=IntuneStatus.NEEDS_APPROVAL,
    )
    return replace(made, **changes)


def as_decided(decision: Decision, digest: str = "") -> Decided | None:
    """What was decided now; nothing where it is open."""
    return None if decision is Decision.OPEN else Decided(decision, NOW, digest)


def ballot(eligibility: Eligibility, on: Request, verdict: Verdict = Verdict.APPROVE, note: str = "because") -> Ballot:
    """A vote on what the request holds now."""
    return Ballot(eligibility, verdict, fingerprint_of(on.subject), Identified.BY_CHANNEL, note)


_RUNS = (IntuneStatus.APPROVED, IntuneStatus.COMPLETED)


def seen(status: IntuneStatus, on: Request | None = None, **changes: Any) -> Snapshot:
    """The request as Intune shows it."""
    sighting = Snapshot(
        intune_id="i1",
        status=status,
        subject=on.subject if on else SUBJECT,
        requestor=RITA,
        approver=None,
        justification="INC-1",
        approval_note="",
        filed_at=NOW,
        expires_at=NOW + timedelta(days=3),
        modified_at=NOW,
        approved_at=changes.get("modified_at", NOW) if status in _RUNS else None,
        content_at=NOW - timedelta(days=200),
    )
    return replace(sighting, **changes)


def terms(*workflows: Workflow, digest: str = "c1", decisions: DecisionsMode = DecisionsMode.CARRY) -> Terms:
    """The configuration in force."""
    return Terms(workflows or (workflow(),), digest, decisions)


def carry_of(known: Request) -> Carry:
    """How its decision is carried, which it has to be."""
    assert known.carry is not None
    return known.carry
