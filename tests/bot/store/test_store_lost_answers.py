"""Lost answers: the script ran, the client sends it again, and nothing is done twice."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from approvals.effects import Planned, RefreshCards
from bot.store import Store, open_store, scripts
from bot.store.clients import RETRIES
from bot.store.scripts import (
    COMMIT,
    CONSUME,
    FINISH,
    LEAD,
    LEASE,
    PLAN,
    RECORD,
    RELEASE,
    SAVE_COPY,
    SWAP_COPY,
    WATERMARK,
    LuaScript,
)
from handlers.ports.copies import PostedCard
from handlers.ports.errors import Unavailable
from handlers.ports.places import InChannel
from handlers.ports.requests import IdempotencyKey, Receipt, Stored
from tests.approvals.builders import NOW
from tests.bot.store.driven import NEW, entry, write
from tests.bot.store.line import Line, line_to
from tests.fakes.clock import Clock

READ = replace(NEW, revision=1)
REFRESH = Planned(RefreshCards("R1"))
CLICK = IdempotencyKey("click-1", "of alex", "You have voted.")


@pytest.fixture
async def line(single: str) -> AsyncIterator[Line]:
    """A line to an emptied server that has loaded every script."""
    async with line_to(single) as opened, Redis.from_url(single) as server:
        await server.flushall()
        for script in vars(scripts).values():
            if isinstance(script, LuaScript):
                await server.script_load(script.source)
        yield opened


@pytest.fixture
async def store(line: Line, clock: Clock) -> AsyncIterator[Store]:
    """A store at the end of the line."""
    opened = await open_store(line.address, "tenant", "c1", clock=clock, most_attempts=3)
    yield opened
    await opened.close()


@pytest.mark.parametrize("once", [None, CLICK], ids=["by itself", "by a click"])
async def test_a_decision_is_stored_once_and_its_author_learns_that(
    store: Store, line: Line, once: IdempotencyKey | None
) -> None:
    """If the answer of a decision is lost, the second try reports it as saved, not as a conflict or a repeated
    click."""
    line.lose_answers_to(COMMIT)

    receipt = await store.requests.commit(write(NEW, REFRESH, once=once))

    assert receipt == Receipt(Stored.SAVED)
    assert await store.requests.load("R1") == READ
    assert len(await store.requests.audit(0, 10)) == 1
    assert [leased.attempt for leased in await store.outbox.lease(10)] == [1]
    assert line.lost == 1


async def test_a_decision_that_nobody_learned_of_is_found_when_the_click_comes_again(store: Store, line: Line) -> None:
    """If the answers of all tries are lost, the flow fails, and the repeated click finds the vote counted."""
    line.lose_answers_to(COMMIT, times=1 + RETRIES)

    with pytest.raises(Unavailable):
        await store.requests.commit(write(NEW, once=CLICK))

    assert await store.requests.seen(CLICK) == Receipt(Stored.REPEATED, CLICK.notice)
    assert (await store.requests.commit(write(NEW, once=CLICK))).stored is Stored.REPEATED
    assert len(await store.requests.audit(0, 10)) == 1
    assert line.lost == 1 + RETRIES


async def test_audit_entries_are_numbered_once(store: Store, line: Line) -> None:
    """Audit entries are recorded once if the answer is lost."""
    line.lose_answers_to(RECORD)

    await store.requests.record([entry(NEW), entry(NEW)])

    assert [number for number, _ in await store.requests.audit(0, 10)] == [1, 2]
    assert line.lost == 1


async def test_a_plan_does_not_fence_off_who_began_it(store: Store, line: Line) -> None:
    """If the answer of planning is lost, the second try does not plan the effect again, so it can be finished."""
    line.lose_answers_to(PLAN)
    await store.outbox.plan([REFRESH], NOW)
    (leased,) = await store.outbox.lease(10)

    assert await store.outbox.done(leased)
    assert line.lost == 1


async def test_claimed_work_is_not_left_lying_for_a_lease(store: Store, line: Line) -> None:
    """If the answer of leasing is lost, the second try gets the same effects with the same tokens."""
    await store.outbox.plan([REFRESH], NOW)
    line.lose_answers_to(LEASE)

    (leased,) = await store.outbox.lease(10)

    assert leased.attempt == 1
    assert await store.outbox.done(leased)
    assert line.lost == 1


async def test_finished_work_is_not_called_lost(store: Store, line: Line) -> None:
    """If the answer of finishing, retrying or giving up an effect is lost, the second try reports success."""
    await store.outbox.plan([REFRESH], NOW)
    for _ in range(2):
        (leased,) = await store.outbox.lease(10)
        line.lose_answers_to(FINISH)
        assert await store.outbox.again(leased, NOW, "no")
    (leased,) = await store.outbox.lease(10)
    line.lose_answers_to(FINISH)
    assert await store.outbox.again(leased, NOW, "no")
    given_up = len(await store.outbox.dead_letters())
    await store.outbox.plan([REFRESH], NOW)
    (leased,) = await store.outbox.lease(10)
    line.lose_answers_to(FINISH)

    assert await store.outbox.done(leased)
    assert given_up == 1
    assert line.lost == 4


async def test_who_signs_in_need_not_do_it_again(store: Store, line: Line) -> None:
    """If the answer of using a nonce is lost, the second try still gets its content."""
    nonce = await store.nonces.create({"request": "R1"})
    line.lose_answers_to(CONSUME)

    assert await store.nonces.consume(nonce) == {"request": "R1"}
    assert await store.nonces.consume(nonce) is None
    assert line.lost == 1


async def test_what_is_the_same_when_done_twice(store: Store, line: Line) -> None:
    """Polling leases, the watermark and posted cards are written correctly if their answers are lost."""
    line.lose_answers_to(RELEASE)
    await store.poll.release("a")
    line.lose_answers_to(LEAD)
    leads = await store.poll.lead("a")
    line.lose_answers_to(WATERMARK)
    await store.poll.complete(NOW)
    line.lose_answers_to(SAVE_COPY)
    begun, eligibility = (
        PostedCard("R1", InChannel("19:x"), attempt="a1"),
        PostedCard("R1", InChannel("19:x"), "19:x", "m1", attempt="a1"),
    )
    await store.copies.save(begun)
    line.lose_answers_to(SWAP_COPY)
    assert await store.copies.swap(begun, eligibility)

    assert leads
    assert await store.poll.watermark() == NOW
    assert await store.copies.of("R1") == (eligibility,)
    assert line.lost == 5
