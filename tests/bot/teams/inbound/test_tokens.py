"""Tokens and their keys over time: remembered tokens, new keys, and keys that cannot be read."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.teams.inbound import tokens as inbound_tokens
from tests.bot.teams.inbound.inbound import Site, site


@pytest.fixture
async def bot() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


async def test_a_remembered_token_expires(bot: Site) -> None:
    """A remembered token is accepted until five minutes after its end."""
    token = bot.minter.good()
    assert (await bot.post(bot.click(), token)).status == 200

    bot.clock.advance(timedelta(minutes=64))
    assert (await bot.post(bot.click(), token)).status == 200
    bot.clock.advance(timedelta(minutes=2))
    assert (await bot.post(bot.click(), token)).error[2] == "the token has expired"


async def test_few_tokens_are_remembered(bot: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of remembered tokens is limited, and a forgotten token is checked again."""
    monkeypatch.setattr(inbound_tokens, "MOST_REMEMBERED", 2)
    tokens = [bot.minter.good(jti=str(number)) for number in range(3)]

    for token in [*tokens, tokens[0]]:
        assert (await bot.post(bot.click(), token)).status == 200

    assert len(bot.tokens._verified) == 2


async def test_a_new_key_is_trusted_as_soon_as_it_signs(bot: Site) -> None:
    """A token that is signed with a new key is accepted after the keys were read again."""
    assert (await bot.post(bot.click())).status == 200
    bot.clock.advance(timedelta(minutes=6))

    bot.connector.roll_over()

    assert (await bot.post(bot.click())).status == 200


async def test_an_unknown_key_makes_us_look_once(bot: Site) -> None:
    """Several tokens with the same unknown key cause one read of the keys."""
    await bot.post(bot.click())
    bot.clock.advance(timedelta(minutes=6))
    bot.tap.reads.clear()
    stranger = bot.minter.by_stranger()

    replies = [await bot.post(bot.click(), stranger) for _ in range(3)]

    assert [reply.status for reply in replies] == [401, 401, 401]
    assert len(bot.tap.reads) == 2, "the metadata and the keys, once"


async def test_known_keys_outlive_an_outage(bot: Site) -> None:
    """While the keys cannot be read, known keys stay good and unknown keys are refused."""
    await bot.post(bot.click())
    bot.tap.broken = True
    bot.clock.advance(timedelta(days=2))
    exp = int(bot.clock.now().timestamp()) + 3600

    assert (await bot.post(bot.click(), bot.minter.good(exp=exp))).status == 200
    assert (await bot.post(bot.click(), bot.minter.by_stranger())).status == 401


async def test_without_any_key_nobody_comes_in(bot: Site) -> None:
    """While no key is known, tokens are refused with 503; as soon as the keys can be read, they are accepted."""
    bot.tap.broken = True
    status, code, why = (await bot.post(bot.click())).error
    assert (status, code) == (503, "ServiceUnavailable")
    assert "keys cannot be read" in why

    bot.tap.broken = False
    bot.clock.advance(timedelta(seconds=6))

    assert (await bot.post(bot.click())).status == 200


async def test_a_slow_metadata_server_holds_nobody_else_up(bot: Site) -> None:
    """While one token waits for the keys, tokens with known keys are accepted."""
    await bot.post(bot.click())
    known = bot.minter.good()
    await bot.post(bot.click(), known)
    bot.clock.advance(timedelta(minutes=6))
    bot.tap.hold = asyncio.Event()
    bot.tap.arrived.clear()
    bot.connector.roll_over()

    waiting = asyncio.create_task(bot.post(bot.click()))
    await bot.tap.arrived.wait()
    assert (await bot.post(bot.click(), known)).status == 200
    assert not waiting.done()
    bot.tap.hold.set()

    assert (await waiting).status == 200
