"""Withdrawing an approval in Intune that nobody here has decided, or that was given for other content."""

import pytest

from approvals.audit import Identified, Kind
from approvals.effects import AwaitIntune
from approvals.request import CarryState, IntuneStatus, Request
from cards.actions import Verb
from handlers.ports.errors import Conflict, Unavailable
from handlers.ports.intune import Content
from tests.approvals.builders import ALEX, CORA, DANA
from tests.fakes.intune import APPROVED, NEEDS_APPROVAL
from tests.handlers.carrying.carrier import finish, signer
from tests.handlers.clicking import click, scene, signed_in, words
from tests.handlers.deciding.voter import approve
from tests.handlers.stage import DANA_THERE, OTTO, Stage, script


async def below_quorum(stage: Stage) -> Request:
    """Return a request that Dana alone approved in Intune, while a member of the board has to approve it too."""
    await stage.taken_up(script())
    stage.clock.advance(minutes=1)
    row = stage.intune.move("i2", raw_status=APPROVED, approver=DANA_THERE)
    return await stage.taken_up(row)


async def test_an_approval_below_the_quorum_is_withdrawn_in_the_person_s_name(stage: Stage) -> None:
    """Every approver can withdraw an approval below the quorum in their own name; a look shows the result."""
    request = await below_quorum(stage)

    clicked = click(CORA, Verb.CANCEL_APPROVAL, request, **signed_in(CORA))
    answer = await stage.journeys.finishing.cancel_approval(await scene(stage, clicked))

    assert "The approval in Intune is withdrawn." in words(answer)
    (said,) = stage.intune.said
    assert (said.verb, said.account) == ("cancelApproval", "cora")
    assert said.note.startswith(f"Countersign {request.id}: approval withdrawn")
    (entry,) = stage.recorded(Kind.APPROVAL_CANCELLED)
    assert (entry.who, entry.identified) == ("cora", Identified.BY_TOKEN)
    assert stage.due_in(AwaitIntune(request.id)) == 0


async def test_a_withdrawal_passes_every_brake(stage: Stage) -> None:
    """No brake stops a withdrawal, because it takes a permission away."""
    request = await below_quorum(stage)
    stage.pause()
    await stage.doubt()

    assert await stage.journeys.carrying.cancel_approval(request.id, signer(CORA)) == (
        "The approval in Intune is withdrawn."
    )


async def test_only_who_may_decide_withdraws(stage: Stage) -> None:
    """Only a person who may decide can withdraw an approval."""
    request = await below_quorum(stage)

    said = await stage.journeys.carrying.cancel_approval(request.id, signer(OTTO))

    assert said == "Only members of Security-Admins or Change-Advisory-Board can decide this."
    assert stage.intune.said == []


async def test_what_was_decided_here_is_not_withdrawn(stage: Stage) -> None:
    """A decision that was made here cannot be withdrawn, nor an approval that Intune does not show."""
    request = await stage.taken_up()

    said = await stage.journeys.carrying.cancel_approval(request.id, signer(ALEX))
    await approve(stage, ALEX, request, **signed_in(ALEX))
    later = await stage.journeys.carrying.cancel_approval(request.id, signer(DANA))

    assert said == later == "There is no approval in Intune that could be withdrawn."
    assert [one.verb for one in stage.intune.said] == ["approve"]


async def test_an_answer_that_was_lost_is_followed_by_a_look(stage: Stage) -> None:
    """A lost answer is followed by a look, and no withdrawal is recorded."""
    request = await below_quorum(stage)
    stage.intune.troubles.loses.add("cancel_approval")

    said = await stage.journeys.carrying.cancel_approval(request.id, signer(CORA))

    assert said.startswith("Intune did not answer.")
    assert stage.recorded(Kind.APPROVAL_CANCELLED) == []
    assert stage.due_in(AwaitIntune(request.id)) == 5


# --- an approval that was given for other content -----------------------------------------------------------------


async def for_other_content(stage: Stage) -> Request:
    """Return an order whose approval in Intune is for other content, by Dana. It is decided here, but not carried."""
    decided, other = Content(sha256="decided"), Content(sha256="other")
    stage.intune.contents[""] = decided
    request = await stage.asked()
    await approve(stage, ALEX, request)
    await stage.journeys.filing_orders.file(request.id)
    intune_id = stage.now_of(request).intune_id or ""
    stage.clock.advance(minutes=1)
    stage.intune.contents[""] = other
    stage.intune.move(intune_id, raw_status=APPROVED, approver=DANA_THERE)
    await stage.journeys.looking.look(request.id)
    stage.intune.contents[""] = decided
    return stage.now_of(request)


async def test_an_approval_of_other_content_is_withdrawn_before_ours_is_given(stage: Stage) -> None:
    """An approval of other content is withdrawn and ours is given, both in one person's name."""
    request = await for_other_content(stage)
    stage.intune.after_cancel = NEEDS_APPROVAL

    assert await finish(stage, request) == "Intune has been told: approved."

    assert [(said.verb, said.account) for said in stage.intune.said] == [
        ("cancelApproval", "alex"),
        ("approve", "alex"),
    ]
    assert len(stage.filer.done) == 1


async def test_nothing_is_completed_on_an_approval_of_other_content(stage: Stage) -> None:
    """An order with an approval of other content is not completed, whoever approved."""
    request = await for_other_content(stage)

    await stage.journeys.completing.complete(request.id)

    assert stage.filer.done == []
    assert stage.now_of(request).carry_state is not CarryState.DONE


@pytest.mark.parametrize("error", [Unavailable("away"), Conflict("late")], ids=["away", "late"])
async def test_where_it_cannot_be_withdrawn_nothing_is_approved(stage: Stage, error: Unavailable | Conflict) -> None:
    """If the approval of other content cannot be withdrawn, ours is not given."""
    request = await for_other_content(stage)
    stage.intune.troubles.refuses["cancel_approval"] = error

    await finish(stage, request)

    assert stage.intune.said == []
    assert stage.now_of(request).carry_state is CarryState.TROUBLED


async def test_where_intune_ends_what_is_withdrawn_nothing_can_be_given_anew(stage: Stage) -> None:
    """If Intune cancels the request with the withdrawal, it cannot be approved again and is not carried out."""
    request = await for_other_content(stage)

    said = await finish(stage, request)
    await stage.journeys.looking.look(request.id)

    assert said.startswith("The request has changed in Intune")
    assert [one.verb for one in stage.intune.said] == ["cancelApproval"]
    assert stage.now_of(request).intune_status is IntuneStatus.CANCELLED
    assert stage.filer.done == []


async def test_a_process_that_cannot_file_completes_nothing(stage: Stage) -> None:
    """A process that cannot file completes nothing; it leaves that to one that can."""
    request = await stage.asked()
    await approve(stage, ALEX, request)
    await stage.journeys.filing_orders.file(request.id)
    other = stage.journeys_with(room=None)

    await other.carrying.finish(request.id, signer(ALEX))

    assert [said.verb for said in stage.intune.said] == ["approve"]
    assert stage.filer.done == []
