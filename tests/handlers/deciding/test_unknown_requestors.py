"""If the requestor is unknown, nobody can be excluded by name."""

from approvals.audit import Kind
from approvals.request import DecisionsMode
from cards.actions import Verb
from handlers.ports.intune import Identity
from tests.approvals.builders import ALEX
from tests.handlers.deciding.voter import approve, refused, reject
from tests.handlers.stage import Stage, script

CLOSED, TOO_LATE = "This request is closed: ", "The deadline has passed"
CHANGED, OWN = "The request has changed since this card was drawn", "This is your own request"
NOT_AN_APPROVER = "Only members of Security-Admins can decide this."
NO_NOTE = "Please say why you reject this."


async def test_what_nobody_asked_for_is_not_approved_without_signing_in(stage: Stage) -> None:
    """A request of an unknown requestor is not approved without a sign-in, because Intune has to check the approver."""
    before = await stage.taken_up(requestor=None)

    await approve(stage, ALEX, before)

    assert stage.now_of(before) == before
    assert [(page.person, page.verb) for page in stage.sign_in.pages] == [("alex", Verb.CONFIRM_APPROVE)]


async def test_what_nobody_asked_for_can_be_rejected(stage: Stage) -> None:
    """A request of an unknown requestor can be rejected, because at worst people reject their own request."""
    request = await stage.taken_up(requestor=None)

    await reject(stage, ALEX, request)

    assert stage.recorded(Kind.REJECTED)


async def test_where_two_people_are_needed_an_unknown_requestor_stops_all_approvals(stage: Stage) -> None:
    """If two people are needed, an unknown requestor stops all approvals: Intune can check only one person."""
    before = await stage.taken_up(script(), requestor=None)

    answer = await approve(stage, ALEX, before)

    refused(stage, before, "Intune does not say who asked for this", answer)
    assert stage.sign_in.pages == []


async def test_where_decisions_are_not_carried_an_unknown_requestor_stops_all_approvals() -> None:
    """Where decisions are not carried, an unknown requestor stops all approvals, because no token is used."""
    stage = Stage(decisions=DecisionsMode.TRACK)
    before = await stage.taken_up(requestor=None)

    answer = await approve(stage, ALEX, before)

    refused(stage, before, "Intune does not say who asked for this", answer)


async def test_a_requestor_whom_the_directory_does_not_know_stops_all_approvals(stage: Stage) -> None:
    """A requestor whom the directory does not know stops all approvals: their other accounts are unknown."""
    before = await stage.taken_up(requestor=Identity("gone", "Gone", is_person=True))

    answer = await approve(stage, ALEX, before)

    refused(stage, before, "The directory does not know who asked for this", answer)
