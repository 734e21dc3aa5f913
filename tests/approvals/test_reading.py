"""Who may read a request; nobody else may."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.causes import OpenedByOperator
from approvals.emergency import Emergency, EmergencyAccount, Review
from approvals.ladder import Paging, Reminders
from approvals.people import Application, Group, Person
from approvals.policy import PolicyBook
from approvals.reading import may_see, reader_groups
from approvals.request import Request
from approvals.snapshot import Eligibility
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA, NOW, RITA, eligibility, person, request, workflow

AUDITORS, RESPONDERS, REVIEWERS, STRANGERS = (Group(f"g-{name}", name) for name in ("aud", "resp", "rev", "other"))
EMERGENCY = Emergency(open=True, accounts=(EmergencyAccount(DANA),), groups=(RESPONDERS,))
BOOK = PolicyBook((), workflow(), "c1", emergency=EMERGENCY, auditors=(AUDITORS,))
REVIEW = Review((OpenedByOperator("why"),), NOW, NOW + timedelta(days=3), (), (REVIEWERS,))
OTTO = person("otto")
RITAS_ADMIN = Person("rita-admin", "Rita", frozenset({"rita", "rita-admin"}))


@pytest.mark.parametrize(
    ("on", "who"),
    [
        (request(), eligibility(ALEX, ADMINS)),
        (request(), eligibility(CORA, CAB)),
        (request(), eligibility(RITA)),
        (request(), eligibility(RITAS_ADMIN, active=False)),
        (request(requestor=None, initiator=RITA), eligibility(RITAS_ADMIN)),
        (request(requestor=Application("app", "Tool", (RITA,))), eligibility(RITA)),
        (request(), eligibility(OTTO, AUDITORS)),
        (request(), eligibility(OTTO, RESPONDERS)),
        (request(), eligibility(DANA)),
        (request(review=REVIEW), eligibility(OTTO, REVIEWERS)),
        (request(reminders=Reminders(paging=Paging("19:call", NOW, (OTTO,)))), eligibility(OTTO)),
    ],
)
def test_who_may_read(on: Request, who: Eligibility) -> None:
    """Approvers, the requestor with any account, auditors, emergency accounts, reviewers and paged people may read."""
    assert may_see(on, who, BOOK)
    assert who.groups <= reader_groups(on, BOOK)


@pytest.mark.parametrize(
    ("on", "who"),
    [
        (request(), eligibility(OTTO)),
        (request(), eligibility(OTTO, STRANGERS)),
        (request(), eligibility(OTTO, REVIEWERS)),
        (request(workflows=(workflow(groups=(CAB,)),)), eligibility(ALEX, ADMINS)),
        (request(requestor=None), eligibility(RITA)),
        (request(reminders=Reminders(paging=Paging("19:call", NOW, (ALEX,)))), eligibility(OTTO)),
    ],
)
def test_who_may_not(on: Request, who: Eligibility) -> None:
    """Strangers and approvers of other workflows may not read it, except in a place where its card stands."""
    assert not may_see(on, who, BOOK)
    assert may_see(on, who, BOOK, from_place=True)


@pytest.mark.parametrize("group", [ADMINS, AUDITORS, RESPONDERS, REVIEWERS])
def test_a_guest_or_a_disabled_account_may_not(group: Group) -> None:
    """A guest or a disabled account may not read it, whatever group it is in."""
    assert not may_see(request(review=REVIEW), eligibility(OTTO, group, active=False), BOOK)


def test_where_emergency_access_is_switched_off() -> None:
    """Where break-glass is switched off, emergency accounts and groups may not read requests."""
    closed = replace(BOOK, emergency=replace(EMERGENCY, open=False))

    assert not may_see(request(), eligibility(DANA, RESPONDERS), closed)
    assert not may_see(request(), eligibility(DANA, RESPONDERS), replace(BOOK, emergency=None))
