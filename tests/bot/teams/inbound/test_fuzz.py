"""The endpoint never answers random input with an error of its own."""

from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bot.teams.inbound.inbound import Site, site

# All examples call the same bot.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@pytest.fixture
async def bot() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


def genuine(bot: Site) -> list[dict[str, Any]]:
    """Return one genuine activity of each kind."""
    us = [{"id": f"28:{bot.connector.bot_app_id}"}]
    asked = bot.click(note="x")
    asked["value"] |= {"authentication": {"id": "1", "connectionName": "c", "token": "t"}, "state": "1"}
    mention = {"type": "mention", "text": "<at>C</at>", "mentioned": us[0]}
    channel = bot.activity("conversationUpdate")
    channel["channelData"]["eventType"] = "channelCreated"
    return [
        asked,
        bot.activity("message", text="<at>C</at> hello", entities=[mention]),
        bot.activity("installationUpdate", action="add"),
        bot.activity("conversationUpdate", membersAdded=us, membersRemoved=us),
        channel,
        bot.activity("invoke", name="signin/failure", value={"code": "x"}),
    ]


def places(within: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path to every value within a JSON value."""
    items = within.items() if isinstance(within, dict) else enumerate(within) if isinstance(within, list) else ()
    for name, value in items:
        yield (*path, name)
        yield from places(value, (*path, name))


def replaced(sent: Any, path: tuple[str | int, ...], value: Any) -> Any:
    edited = deepcopy(sent)
    within = edited
    for name in path[:-1]:
        within = within[name]
    within[path[-1]] = value
    return edited


@given(sent=JSON)
@UNHURRIED
async def test_any_json(bot: Site, sent: Any) -> None:
    """Random JSON is refused."""
    assert (await bot.post(sent)).status in {400, 403}


@given(sent=st.binary(max_size=200))
@UNHURRIED
async def test_any_bytes(bot: Site, sent: bytes) -> None:
    """Random bytes are refused."""
    assert (await bot.post(sent)).status in {400, 403}


@given(data=st.data())
@UNHURRIED
async def test_any_value_in_any_place(bot: Site, data: st.DataObject) -> None:
    """A genuine activity with one random value is accepted or refused, and causes no failure."""
    sent = data.draw(st.sampled_from(genuine(bot)))
    path = data.draw(st.sampled_from(sorted(places(sent), key=str)))

    reply = await bot.post(replaced(sent, path, data.draw(JSON)))

    assert reply.status in {200, 400, 403}
    assert reply.status != 200 or not reply.body or reply.body["statusCode"] == 200


@given(token=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=80))
@UNHURRIED
async def test_any_token(bot: Site, token: str) -> None:
    """A random token is refused."""
    assert (await bot.post({}, token, Authorization=f"Bearer {token}")).status in {400, 401}
