"""Builders of small, readable requests and people for the tests of the rules."""

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
    """Return a person whose name is made from the account name, with these further linked accounts."""
    return Person(name, name.capitalize(), frozenset({name, *also}))


RITA = person("rita", "rita-admin")
ALEX = person("alex")
CORA = person("cora")
DANA = person("dana")


def eligibility(who: Person, *groups: Group, active: bool = True) -> Eligibility:
    """Return the eligibility of this person: a member of these groups, with an active account or not."""
    return Eligibility(who, frozenset(group.id for group in groups), active)


def workflow(**changes: Any) -> Workflow:
    """Return the workflow of script deployment: it needs two people, one of each group."""
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
    """Return an open request of Rita's that waits in Intune."""
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
    """Return this decision as made at `NOW`, or None where the request is open."""
    return None if decision is Decision.OPEN else Decided(decision, NOW, digest)


def ballot(eligibility: Eligibility, on: Request, verdict: Verdict = Verdict.APPROVE, note: str = "because") -> Ballot:
    """Return a ballot on the present content of the request."""
    return Ballot(eligibility, verdict, fingerprint_of(on.subject), Identified.BY_CHANNEL, note)


_RUNS = (IntuneStatus.APPROVED, IntuneStatus.COMPLETED)


def seen(status: IntuneStatus, on: Request | None = None, **changes: Any) -> Snapshot:
    """Return the request as Intune shows it."""
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
    """Return the terms of the configuration in force."""
    return Terms(workflows or (workflow(),), digest, decisions)


def carry_of(known: Request) -> Carry:
    """Return how far the decision has been carried to Intune; the request must have been carried."""
    assert known.carry is not None
    return known.carry
