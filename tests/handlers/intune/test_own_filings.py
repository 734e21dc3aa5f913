"""What we filed is recognised by its marker; a filing of ours that the store does not know puts it in doubt."""

from dataclasses import replace

import pytest

from approvals.asking import native_justification
from approvals.brake import STORE
from approvals.order import FilingState
from approvals.request import Request
from cards.brakes import why_pulled
from handlers.intune.poll import Polled
from handlers.ports.errors import Conflict, NotFound, PortError
from handlers.ports.intune import Identity, Row
from tests.fakes.intune import wipe
from tests.handlers.filing.ordered import approved, filing_of, intune_id_of, state_of
from tests.handlers.intune.polled import poll, requests
from tests.handlers.stage import Stage


def our_row(stage: Stage, request: Request, intune_id: str = "i9") -> Row:
    """Return the row that Intune shows for the filed order."""
    why = native_justification(request, stage.vault.proof(request.id))
    by = Identity("actor", "Countersign", is_person=False)
    return wipe(id=intune_id, requestor=by, justification=why, modified_at=stage.clock.time)


async def test_our_own_filing_becomes_no_second_request(stage: Stage) -> None:
    """Our own filing becomes no second request, even if the answer to the call was lost."""
    request = await approved(stage)
    stage.filer.troubles.loses.add("file")
    await stage.journeys.filing_orders.file(request.id)
    assert state_of(stage, request) is FilingState.LOST

    await poll(stage)

    assert [one.id for one in requests(stage)] == [request.id]
    assert state_of(stage, request) is FilingState.HELD
    assert intune_id_of(stage, request)


async def test_the_call_is_made_anew_where_the_store_has_lost_it(stage: Stage) -> None:
    """If the store lost the sealed call, the call is made again, because nobody could complete the order without it."""
    request = await approved(stage)
    stage.intune.show(our_row(stage, request))

    await poll(stage)

    sealed = filing_of(stage, request).sealed_call
    assert stage.vault.open(request.id, sealed).path == "/beta/wipe/d1/"


@pytest.mark.parametrize("error", [NotFound("gone"), Conflict("the group is excluded by now")])
async def test_a_call_that_cannot_be_made_anew(stage: Stage, error: PortError) -> None:
    """If the call cannot be made again, the order is still adopted, but without a call to complete it."""
    request = await approved(stage)
    stage.orders.troubles.refuses["call_for"] = error
    stage.intune.show(our_row(stage, request))

    await poll(stage)

    assert (intune_id_of(stage, request), filing_of(stage, request).sealed_call) == ("i9", "")


async def test_a_person_who_copies_our_words_files_for_themselves(stage: Stage) -> None:
    """A person who copies our reason files their own request, and our order goes on waiting."""
    request = await stage.asked()
    stage.intune.show(replace(our_row(stage, request), requestor=Identity("otto", "Otto", is_person=True)))

    await poll(stage)

    assert len(requests(stage)) == 2
    assert stage.now_of(request).intune_id is None


async def test_another_one_s_request_for_the_same_target_hides_nothing(stage: Stage) -> None:
    """Our order is found in the list although another request for the same target comes before it."""
    request = await approved(stage)
    stage.intune.show(wipe(id="i1"))
    stage.intune.show(our_row(stage, request))

    assert await stage.journeys.looking.finds(request)
    assert intune_id_of(stage, request) == "i9"


async def test_our_marker_on_another_target_is_not_adopted(stage: Stage) -> None:
    """A request with our marker but another target is not adopted, and is shown as its own request."""
    request = await stage.asked()
    stage.intune.show(replace(our_row(stage, request), target_id="d2", target="PC-2"))

    await poll(stage)

    assert stage.now_of(request).intune_id is None
    assert {one.subject.target for one in requests(stage)} == {"PC-1", "PC-2"}


async def test_an_own_filing_that_the_store_does_not_know_casts_doubt_on_the_store(stage: Stage) -> None:
    """A filing of ours that the store does not know was lost: calls stop, and the row is stored like any other."""
    other = Stage()
    stranger = await other.asked()
    stage.intune.show(our_row(stage, stranger))

    assert await poll(stage) is Polled.COMPLETE

    brake = stage.store.brakes.pulled[STORE]
    assert why_pulled(brake) == f"Intune holds i9, which Countersign filed as {stranger.id} and does not know."
    assert len(requests(stage)) == 1


async def test_another_installation_s_filing_casts_no_doubt(stage: Stage) -> None:
    """The filing of another installation does not put the store in doubt, because its proof is not ours."""
    stranger = await Stage().asked()
    row = our_row(stage, stranger)
    stage.intune.show(replace(row, justification=native_justification(stranger, "00000000")))

    await poll(stage)

    assert stage.store.brakes.pulled == {}


async def test_without_an_application_nothing_is_ours(stage: Stage) -> None:
    """Without the filing application, no row counts as ours."""
    request = await stage.asked()
    stage.intune.show(our_row(stage, request))

    await stage.journeys_with(room=None).poll.poll()

    assert stage.now_of(request).intune_id is None
    assert stage.store.brakes.pulled == {}
