"""Polling Intune: every row is taken in once, and a row that could not be taken in is read again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from approvals.audit import Kind
from approvals.effects import NotificationKind, PostCards, TellPerson
from approvals.request import Decision
from handlers.intune.poll import Polled
from handlers.ports.errors import Forbidden, NotFound, Throttled, Unavailable
from handlers.ports.intune import Content
from tests.approvals.builders import ALEX, RITA
from tests.fakes.intune import APPROVED, CANCELLED, COMPLETED, EXPIRED, REJECTED, wipe
from tests.handlers.deciding.voter import approve
from tests.handlers.intune.polled import Partly, partly, poll, requests
from tests.handlers.stage import Stage, script


async def test_a_new_row_becomes_a_request(stage: Stage) -> None:
    """A new row becomes a request with workflow, deadline and cards; its requestor is only as Intune says."""
    stage.intune.show(wipe())

    assert await poll(stage) is Polled.COMPLETE

    (request,) = requests(stage)
    assert (request.intune_id, request.requestor, request.decision) == ("i1", RITA, Decision.OPEN)
    assert [flow.operation for flow in request.workflows] == ["Device wipe"]
    assert request.deadline == stage.clock.time + timedelta(hours=24)
    assert stage.planned(PostCards) == [PostCards(request.id)]
    assert [entry.who for entry in stage.recorded(Kind.PICKED_UP)] == ["rita"]


async def test_a_row_that_is_read_again_changes_nothing(stage: Stage) -> None:
    """A row that is read again changes nothing, because polls overlap."""
    stage.intune.show(wipe())
    await poll(stage)
    before, recorded = requests(stage), len(stage.audit)

    await poll(stage)

    assert (requests(stage), len(stage.audit)) == (before, recorded)


async def an_hour_later(stage: Stage) -> None:
    """Poll an hour later, after another request has moved the watermark."""
    stage.clock.advance(hours=1)
    stage.intune.show(wipe(id="other", target_id="d2", modified_at=stage.clock.time))
    await poll(stage)


async def test_a_status_that_moves_without_its_time_is_seen(stage: Stage) -> None:
    """A new status is seen even if Intune shows it later than the time of the change."""
    row = stage.intune.show(wipe(modified_at=stage.clock.time))
    await poll(stage)
    await an_hour_later(stage)
    stage.intune.rows[row.id] = replace(row, raw_status=APPROVED)

    await poll(stage)

    assert {request.intune_id: request.intune_status for request in requests(stage)}["i1"] == APPROVED


async def test_a_request_that_is_listed_late_is_taken_up(stage: Stage) -> None:
    """A request that Intune lists late is stored, although the watermark has moved on."""
    late = wipe(modified_at=stage.clock.time)
    await poll(stage)
    await an_hour_later(stage)
    stage.intune.rows[late.id] = late

    await poll(stage)

    assert {request.intune_id for request in requests(stage)} == {"i1", "other"}


@pytest.mark.parametrize("decided", [False, True])
async def test_what_a_request_refers_to_is_read_at_every_poll(stage: Stage, decided: bool) -> None:
    """The content that a request refers to is read at every poll, because it can change without the request."""
    row = stage.intune.show(script(id="i1", modified_at=stage.clock.time))
    stage.intune.contents[row.id] = Content(sha256="one")
    await poll(stage)
    if decided:
        stage.intune.rows[row.id] = replace(row, raw_status=APPROVED)
        await poll(stage)
    await an_hour_later(stage)
    stage.intune.contents[row.id] = Content(sha256="another")

    await poll(stage)

    assert requests(stage)[0].subject.content_sha256 == "another"


async def test_what_is_only_read_again_keeps_no_poll_from_its_end(stage: Stage) -> None:
    """A row that is only read again may fail without making the poll incomplete; a changed row may not."""
    row = stage.intune.show(script(id="i1", modified_at=stage.clock.time))
    stage.intune.contents[row.id] = Content(sha256="one")
    await poll(stage)
    await an_hour_later(stage)
    stage.intune.rows["other"] = replace(stage.intune.rows["other"], raw_status=COMPLETED)
    await poll(stage)
    stage.intune.troubles.refuses["content"] = Forbidden("for a moment")
    stage.intune.rows.pop("other")

    assert await poll(stage) is Polled.COMPLETE
    stage.intune.rows[row.id] = replace(row, raw_status=APPROVED)
    assert await poll(stage) is Polled.PARTIAL
    stage.intune.troubles.refuses.clear()
    assert await poll(stage) is Polled.COMPLETE
    assert requests(stage)[0].intune_status == APPROVED


async def test_what_has_moved_is_taken_in_first(stage: Stage) -> None:
    """Changed rows are taken in first, because Graph may be too busy for the others."""
    again, moved = script(id="i1", modified_at=stage.clock.time), wipe(id="i2", modified_at=stage.clock.time)
    stage.intune.show(again)
    stage.intune.show(moved)
    stage.intune.contents[again.id] = Content(sha256="one")
    await poll(stage)
    stage.intune.rows[moved.id] = replace(moved, raw_status=COMPLETED)
    stage.intune.busy_with.add(again.id)

    with pytest.raises(Throttled):
        await poll(stage)

    assert [one.intune_status for one in requests(stage) if one.intune_id == moved.id] == [COMPLETED]


async def test_what_was_listed_before_the_list_broke_off_is_taken_in(stage: Stage) -> None:
    """Rows that were listed before the list broke off are taken in; the rest is read at the next poll."""
    stage.intune.show(wipe())
    stage.intune.breaks_off = Throttled("busy")

    with pytest.raises(Throttled):
        await poll(stage)

    assert [one.intune_id for one in requests(stage)] == ["i1"]


async def test_a_wipe_says_all_itself(stage: Stage) -> None:
    """A wipe refers to no other content, so it is not read again until it changes."""
    stage.intune.show(wipe(modified_at=stage.clock.time))
    await poll(stage)
    await an_hour_later(stage)
    stage.clock.advance(hours=1)
    stage.intune.troubles.refuses["content"] = Unavailable("nobody should ask")
    stage.intune.rows["other"] = replace(stage.intune.rows["other"], modified_at=stage.clock.time - timedelta(hours=2))

    assert await poll(stage) is Polled.COMPLETE


async def test_what_was_over_long_ago_is_not_read_again(stage: Stage) -> None:
    """A request that ended long ago is not read again."""
    old = wipe(modified_at=stage.clock.time, raw_status=COMPLETED)
    await poll(stage)
    await an_hour_later(stage)
    stage.intune.rows[old.id] = old

    await poll(stage)

    assert {request.intune_id for request in requests(stage)} == {"other"}


@pytest.mark.parametrize(
    ("status", "decision"),
    [(REJECTED, Decision.REJECTED), (CANCELLED, Decision.WITHDRAWN), (EXPIRED, Decision.EXPIRED)],
)
async def test_what_ends_in_intune_ends_here(stage: Stage, status: str, decision: Decision) -> None:
    """A request that ended in Intune ends here, and takes no votes."""
    stage.intune.show(wipe())
    await poll(stage)
    stage.clock.advance(minutes=1)
    stage.intune.move("i1", raw_status=status)

    await poll(stage)

    (request,) = requests(stage)
    assert (request.decision, request.intune_status) == (decision, status)
    assert not request.takes_votes


async def test_a_change_voids_the_votes_and_tells_the_voters(stage: Stage) -> None:
    """A change voids the votes, and the voters are told."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)
    stage.intune.move("i2", payload={"assign": "everybody"})

    await poll(stage)

    assert stage.now_of(request).votes == ()
    assert TellPerson(request.id, NotificationKind.VOTES_VOID, "alex") in stage.planned(TellPerson)


async def test_a_row_from_the_future_hides_nothing_that_comes_after_it(stage: Stage) -> None:
    """A row with a time in the future does not hide later rows."""
    stage.intune.show(script(modified_at=stage.clock.time + timedelta(days=365)))
    await poll(stage)
    stage.clock.advance(minutes=30)
    filed = stage.clock.time
    stage.clock.advance(minutes=1)
    stage.intune.show(wipe(filed_at=filed, modified_at=filed))

    assert await poll(stage) is Polled.COMPLETE

    assert {request.intune_id for request in requests(stage)} == {"i1", "i2"}


async def test_a_watermark_from_the_future_heals(stage: Stage) -> None:
    """A stored watermark in the future is corrected by the next poll."""
    await stage.store.poll.complete(stage.clock.time + timedelta(days=365))
    stage.intune.show(wipe())

    assert await poll(stage) is Polled.COMPLETE

    assert [request.intune_id for request in requests(stage)] == ["i1"]
    assert stage.store.poll.read_up_to == stage.clock.time


async def test_a_row_that_nobody_can_read_stops_no_other(stage: Stage) -> None:
    """An unreadable row does not stop the others, and the alarm will name it."""
    known = await stage.taken_up(script())
    stage.clock.time = known.intune_expires_at
    row = stage.intune.move("i2", raw_status=EXPIRED)
    stage.intune.show(replace(row, modified_at=known.filed_at - timedelta(days=2)))
    stage.intune.unreadable = ("i9",)
    stage.intune.show(wipe(modified_at=stage.clock.time))

    assert await poll(stage) is Polled.PARTIAL

    assert (await stage.store.poll.polling()).stuck == ("i9",)
    assert "i1" in {request.intune_id for request in requests(stage)}
    assert stage.now_of(known).intune_status == EXPIRED


async def test_a_row_that_nobody_can_read_does_not_pass_for_an_intune_that_is_away() -> None:
    """If another row cannot be read as well, Intune is asked whether it answers, and it counts as present."""
    stage = partly(i1=Unavailable("away"))
    stage.intune.unreadable = ("i9",)
    stage.intune.show(wipe())
    stage.intune.show(script())

    assert await poll(stage) is Polled.PARTIAL

    assert [request.intune_id for request in requests(stage)] == ["i2"]
    assert set((await stage.store.poll.polling()).stuck) == {"i1", "i9"}


async def test_what_is_over_is_not_looked_at_again(stage: Stage) -> None:
    """A request that is over is not looked at again, whatever its row shows."""
    stage.intune.show(wipe(raw_status=REJECTED))
    await poll(stage)
    (before,) = requests(stage)
    stage.intune.move("i1", raw_status=APPROVED)

    await poll(stage)

    assert requests(stage) == [before]


async def test_what_was_closed_before_the_first_poll_is_only_recorded(stage: Stage) -> None:
    """Requests that were closed before the first poll are only recorded; open ones are posted."""
    stage.intune.show(wipe(raw_status=COMPLETED))
    stage.intune.show(script())

    await poll(stage)

    (new,) = [one for one in requests(stage) if one.intune_id == "i2"]
    assert stage.planned(PostCards) == [PostCards(new.id)]
    assert len(stage.recorded(Kind.PICKED_UP)) == 2


async def test_what_was_completed_after_the_first_poll_is_no_history(stage: Stage) -> None:
    """A request that was completed after the first poll is posted, because nobody here has decided it."""
    await poll(stage)
    stage.clock.advance(minutes=1)
    stage.intune.show(wipe(raw_status=COMPLETED, filed_at=stage.clock.time, modified_at=stage.clock.time))

    await poll(stage)

    (request,) = requests(stage)
    assert stage.planned(PostCards) == [PostCards(request.id)]


async def test_what_another_replica_has_opened_meanwhile_is_followed(stage: Stage) -> None:
    """If another replica has stored the request meanwhile, it is followed, and no second one is stored."""
    row = stage.intune.show(wipe())
    other = stage.journeys_with(replica="r2")
    stage.intune.troubles.meanwhile["content"] = lambda: other.taking_in.take_in(row, history=False)

    await poll(stage)

    assert len(requests(stage)) == 1


# --- the watermark ------------------------------------------------------------------------------------------------


async def test_the_watermark_is_the_newest_change_that_was_read(stage: Stage) -> None:
    """The watermark is the time of the newest change that was read, because Intune's list may lag."""
    await poll(stage)
    first = stage.store.poll.read_up_to
    assert first == stage.clock.time
    stage.clock.advance(minutes=10)
    later = stage.clock.time
    stage.intune.show(wipe(modified_at=later))
    stage.clock.advance(minutes=10)

    await poll(stage)

    assert stage.store.poll.read_up_to == later


async def test_a_little_of_what_was_read_is_read_again(stage: Stage) -> None:
    """The last five minutes before the watermark are read again, for ended rows that are listed late."""
    await poll(stage)
    mark = stage.clock.time
    stage.intune.show(wipe(raw_status=COMPLETED, modified_at=mark - timedelta(minutes=5)))
    stage.intune.show(script(raw_status=COMPLETED, modified_at=mark - timedelta(minutes=5, seconds=1)))

    await poll(stage)

    assert [request.intune_id for request in requests(stage)] == ["i1"]


@pytest.mark.parametrize("error", [Forbidden("hidden"), NotFound("gone"), ValueError("a bug of ours")])
async def test_a_bad_row_costs_itself_only(error: Exception) -> None:
    """A row that fails does not stop the others; the watermark stays until the row can be taken in."""
    stage = partly(i1=error)
    stage.intune.show(wipe())
    stage.intune.show(script())

    assert await poll(stage) is Polled.PARTIAL

    assert [request.intune_id for request in requests(stage)] == ["i2"]
    assert stage.store.poll.read_up_to is None
    assert (await stage.store.poll.polling()).stuck == ("i1",)
    assert isinstance(stage.intune, Partly)
    stage.intune.errors.clear()
    assert await poll(stage) is Polled.COMPLETE
    assert {request.intune_id for request in requests(stage)} == {"i1", "i2"}
    assert (await stage.store.poll.polling()).stuck == ()


async def test_a_row_that_alone_gets_no_answer_costs_itself_only() -> None:
    """If only one row gets no answer, the neighbours count as present, and the other rows are taken in."""
    stage = partly(i1=Unavailable("this one times out"))
    stage.intune.show(wipe())
    stage.intune.show(script())

    assert await poll(stage) is Polled.PARTIAL
    assert [request.intune_id for request in requests(stage)] == ["i2"]


async def test_a_neighbour_that_is_away_ends_the_round() -> None:
    """If a neighbour is away, the poll ends, and no row counts as stuck."""
    stage = partly(i1=Unavailable("away"))
    stage.intune.show(wipe())
    stage.intune.show(script())

    async def list_fails_from_now_on() -> None:
        stage.intune.troubles.refuses["changed_since"] = Unavailable("away")

    stage.directory.troubles.meanwhile["person"] = list_fails_from_now_on
    with pytest.raises(Unavailable):
        await poll(stage)

    assert requests(stage) == []
    assert (await stage.store.poll.polling()).stuck == ()


async def test_a_throttled_row_ends_the_round_at_once() -> None:
    """A throttled row ends the poll at once, because more calls would make it worse."""
    stage = partly(i1=Throttled("busy", retry_after=9))
    stage.intune.show(wipe())
    stage.intune.show(script())

    with pytest.raises(Throttled):
        await poll(stage)

    assert requests(stage) == []


async def test_a_store_that_does_not_take_a_row_leaves_it_for_later(stage: Stage) -> None:
    """If the store does not accept a row, the watermark stays, and the row is read again."""
    stage.intune.show(wipe())
    journeys = stage.journeys
    assert await journeys.lead.is_ours()
    stage.store.supersede()

    assert await journeys.poll.read() is Polled.PARTIAL
    assert stage.store.poll.read_up_to is None
