"""Answering in time: slow flows, failing flows, and activities that Teams sends again meanwhile."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bot.teams.inbound.flows import Flows
from tests.bot.teams.inbound.inbound import Site, site


@pytest.fixture
async def bot() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


@pytest.fixture
async def hasty() -> AsyncIterator[Site]:
    """A bot that waits for no flow; its flows wait until the test lets them go on."""
    async with site(answer_seconds=0) as running:
        running.inbox.hold = asyncio.Event()
        yield running


async def test_a_slow_click_is_answered_and_goes_on(hasty: Site) -> None:
    """A slow click is answered before Teams would show an error, and its flow goes on to its end."""
    reply = await hasty.post(hasty.click())

    assert (reply.status, reply.body["statusCode"]) == (200, 200)
    assert "Still working" in reply.body["value"]
    assert hasty.inbox.ended == []

    assert hasty.inbox.hold is not None
    hasty.inbox.hold.set()
    await hasty.endpoint.finish(5)

    assert hasty.inbox.ended == hasty.inbox.clicks


async def test_a_slow_message_is_answered_and_goes_on(hasty: Site) -> None:
    """A slow message is answered before Teams would send it again, and its flow goes on to its end."""
    reply = await hasty.post(hasty.activity(text="status"))
    assert (reply.status, reply.body) == (200, None)

    assert hasty.inbox.hold is not None
    hasty.inbox.hold.set()
    await hasty.endpoint.finish(5)

    assert hasty.inbox.ended == hasty.inbox.messages


async def test_a_stop_does_not_wait_for_ever(hasty: Site) -> None:
    """On a stop, flows that take longer than the operator allows are cancelled, and the log has their number."""
    await hasty.post(hasty.click())

    with capture_logs() as logs:
        await hasty.endpoint.finish(0)

    assert [(line["event"], line["count"]) for line in logs] == [("flows_cancelled", 1)]
    assert hasty.inbox.ended == []


async def test_a_caller_who_hangs_up_stops_nothing(bot: Site) -> None:
    """If the caller closes the connection, the flow goes on, so that no vote is lost."""
    bot.inbox.hold = asyncio.Event()
    calling = asyncio.create_task(bot.post(bot.click()))
    await bot.inbox.began.wait()

    calling.cancel()
    await asyncio.wait({calling})
    bot.inbox.hold.set()
    await bot.endpoint.finish(5)

    assert bot.inbox.ended == bot.inbox.clicks


async def test_a_resend_joins_the_flow_under_way(hasty: Site) -> None:
    """A click that Teams sends again while its flow runs is not run twice."""
    sent = hasty.click()

    for moment in ("2026-11-23T08:00:00.000Z", "2026-11-23T08:00:15.000Z"):
        await hasty.post(sent | {"timestamp": moment})

    assert len(hasty.inbox.clicks) == 1


async def test_all_who_wait_for_a_flow_get_its_result() -> None:
    """All callers of the same flow get the result of its single run."""
    flows, ready, runs = Flows(), asyncio.Event(), []

    async def flow() -> str:
        runs.append("began")
        await ready.wait()
        return "counted"

    waiting = [asyncio.create_task(flows.run("key", flow, 5)) for _ in range(3)]
    assert await flows.run("key", flow, 0) is None
    ready.set()

    assert await asyncio.gather(*waiting) == ["counted"] * 3
    assert runs == ["began"]


async def test_a_resend_with_a_token_is_not_kept_waiting(hasty: Site) -> None:
    """A click that comes again with a token runs a flow of its own, because the first one had no token."""
    sent = hasty.click()
    await hasty.post(sent)

    sent["value"]["authentication"] = {"token": "eyJ.a.b"}
    await hasty.post(sent)

    assert [click.assertion for click in hasty.inbox.clicks] == [None, "eyJ.a.b"]


async def test_an_edited_resend_shares_nothing(hasty: Site) -> None:
    """A changed click under the same id does not get the result of the first one, which may belong to another
    person."""
    sent = hasty.click()
    await hasty.post(sent)

    await hasty.post(hasty.click(by="cora") | {"id": sent["id"]})

    first, edited = (click.once for click in hasty.inbox.clicks)
    assert first.id == edited.id
    assert first.digest != edited.digest


async def test_a_click_after_the_end_is_a_new_flow(bot: Site) -> None:
    """A click that is repeated after the end of its flow runs again; the store recognises the repetition."""
    sent = bot.click()

    await bot.post(sent)
    await bot.post(sent)

    assert len(bot.inbox.clicks) == 2
    assert bot.inbox.clicks[0] == bot.inbox.clicks[1]


async def test_a_failing_flow_apologises(bot: Site) -> None:
    """If a flow fails, the answer is HTTP 200 with an error id that is also in the log; otherwise Teams would send the
    click again."""
    bot.inbox.trouble = RuntimeError("the secret cause")

    with capture_logs() as logs:
        reply = await bot.post(bot.click())

    assert (reply.status, reply.body["statusCode"]) == (200, 500)
    assert reply.body["type"] == "application/vnd.microsoft.error"
    (line,) = [entry for entry in logs if entry["event"] == "click_failed"]
    assert line["error_id"] in reply.body["value"]["message"]
    assert "secret" not in str(reply.body)


async def test_a_failing_message_is_logged(bot: Site) -> None:
    """If the flow of a message fails, the answer is 200 and the log has the failure; otherwise Teams would send the
    message under a new id."""
    bot.inbox.trouble = RuntimeError("broken")

    with capture_logs() as logs:
        reply = await bot.post(bot.activity(text="status"))

    assert reply.status == 200
    assert [entry["kind"] for entry in logs if entry["event"] == "activity_failed"] == ["message"]


async def test_a_failed_silent_sign_in_is_logged(bot: Site) -> None:
    """A failed silent sign-in, which Teams reports to the bot only, is logged with its reason."""
    sent = bot.activity("invoke", "personal", name="signin/failure", value={"code": "resourcematchfailed"})

    with capture_logs() as logs:
        reply = await bot.post(sent)

    assert reply.status == 200
    assert [entry["failure"] for entry in logs if entry["event"] == "silent_sign_in_failed"] == ["resourcematchfailed"]
