"""A vote that no replica of Redis has confirmed may be stored or lost. The voter is told so."""

from contextlib import AsyncExitStack
from dataclasses import replace

from redis.asyncio import Redis

from approvals.audit import Kind
from handlers.click import NO_ANSWER
from handlers.message import NO_ANSWER as NO_ANSWER_TO_A_MESSAGE
from tests.office import Office, day_with, text_of
from tests.servers import free_port, in_step, redis_server


async def replica_of(day: Office, stack: AsyncExitStack) -> None:
    """Give the store a replica, and wait until it has everything."""
    server, port = await stack.enter_async_context(Redis.from_url(day.redis_url)), free_port()
    await server.config_set("port", port)
    await server.config_set("repl-diskless-sync-delay", 0)
    await stack.enter_async_context(redis_server("--replicaof", f"127.0.0.1 {port}", "--appendonly", "no"))
    await in_step(server)


def confirm_everything(day: Office) -> None:
    """Let every decision wait for a replica from now on."""
    connections = day.bot.store.connections
    connections.address = replace(connections.address, replica_wait_ms=100)


@day_with(decisions="track", own_server=True)
async def test_the_same_click_again_counts_once(day: Office) -> None:
    """A click stays uncertain until a replica has it. After that, the same click again is confirmed, and the vote
    counts once."""
    day.tenant.portal.file_script("rita", "Disable-LegacyTLS", "Write-Host\n", "Printer")
    await day.poll()
    card, alex = day.card("Change Advisory Board"), day.client("alex")
    step = await day.click("alex", "approve", card)
    confirm_everything(day)

    first = await alex.click(card, "confirm-approve")
    again = await alex.resend(card)
    async with AsyncExitStack() as stack:
        await replica_of(day, stack)
        confirmed = await alex.resend(card)
        by_hand = await day.press("alex", "confirm-approve", step.card, card)

    assert "not certain whether your click was stored" in NO_ANSWER
    assert NO_ANSWER in text_of(first.card)
    assert NO_ANSWER in text_of(again.card)
    assert NO_ANSWER not in text_of(confirmed.card)
    assert NO_ANSWER not in text_of(by_hand.card)
    stored = await day.bot.store.requests.load(await day.request_id())
    assert stored is not None
    assert [vote.voter.name for vote in stored.votes] == ["Alex Adler"]
    assert len(await day.audit(Kind.VOTED)) == 1


@day_with(asking=True)
async def test_a_message_that_may_have_been_obeyed(day: Office) -> None:
    """A pause that no replica has confirmed is reported neither as done nor as not done."""
    confirm_everything(day)

    [answer] = await day.say("dana", "/pause Something looks wrong")

    assert answer.text == NO_ANSWER_TO_A_MESSAGE
    assert "not certain whether anything was done" in answer.text
