"""Reading the Bot Connector's keys: when, how often, and which keys are accepted."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.entra import signing_keys
from bot.entra.signing_keys import FIRST_RETRY_SECONDS, FRESH_SECONDS, RETRY_SECONDS, SigningKeys
from handlers.ports.errors import Unavailable
from simulator.keys import SigningKey
from simulator.site import serve
from tests.bot.teams.inbound.inbound import authority, client_session


@cache
def key(number: int) -> SigningKey:
    """Return the signing key with this number."""
    return SigningKey(endorsements=("msteams", f"channel-{number}"))


@dataclass
class Published:
    """A fake server of the metadata and the keys, with a clock that the test sets."""

    keys: Any = field(default_factory=lambda: [key(1).jwk()])
    jwks_uri: Any = None
    status: int = 200
    now: float = 1000.0
    reads: int = 0
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    origin: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/metadata", self._metadata)
        app.router.add_get("/elsewhere", self._elsewhere)
        app.router.add_get("/keys", self._keys)
        return app

    async def _metadata(self, _request: web.Request) -> web.Response:
        await self.hold.wait()
        self.reads += 1
        document = {"jwks_uri": self.jwks_uri or f"{self.origin}/keys"}
        return web.json_response(document, status=self.status, headers={"Location": f"{self.origin}/elsewhere"})

    async def _elsewhere(self, _request: web.Request) -> web.Response:
        return web.json_response({"jwks_uri": f"{self.origin}/keys"})

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": self.keys})


@pytest.fixture
async def published() -> AsyncIterator[Published]:
    served = Published()
    served.hold.set()
    async with serve(served.app(), authority().server_context()) as origin:
        served.origin = origin
        yield served


@pytest.fixture
async def keys(published: Published) -> AsyncIterator[SigningKeys]:
    async with client_session() as session:
        yield SigningKeys(session, f"{published.origin}/metadata", lambda: published.now)


async def test_a_key_comes_with_its_channels(keys: SigningKeys) -> None:
    """A key is found together with the channels that it may sign for."""
    found = await keys.find(key(1).kid)

    assert found is not None
    assert found.channels == {"msteams", "channel-1"}


async def test_all_who_need_the_keys_wait_for_one_read(keys: SigningKeys, published: Published) -> None:
    """Callers that need the keys at the same time share one read, also callers that come while it is under way."""
    published.hold.clear()
    asked = [asyncio.create_task(keys.find(key(1).kid)) for _ in range(5)]
    await asyncio.wait(asked, timeout=0)
    asked.append(asyncio.create_task(keys.find(key(1).kid)))
    published.hold.set()

    assert None not in await asyncio.gather(*asked)
    assert published.reads == 1


async def test_known_keys_are_read_again_once_a_day(keys: SigningKeys, published: Published) -> None:
    """Known keys are read again once a day, and a key that is no longer published is no longer accepted."""
    await keys.find(key(1).kid)
    published.keys = [key(2).jwk()]

    published.now += FRESH_SECONDS - 1
    assert await keys.find(key(1).kid) is not None
    published.now += 1
    assert await keys.find(key(1).kid) is None
    assert await keys.find(key(2).kid) is not None
    assert published.reads == 2


async def test_an_unknown_id_is_looked_for_every_few_minutes(keys: SigningKeys, published: Published) -> None:
    """An unknown key id causes a new read every few minutes at most: enough for a new key, too seldom for an attack."""
    await keys.find(key(1).kid)
    published.keys = [key(1).jwk(), key(2).jwk()]

    assert await keys.find(key(2).kid) is None
    published.now += RETRY_SECONDS
    assert await keys.find(key(2).kid) is not None
    assert await keys.find("nobody's") is None
    assert published.reads == 2


NO_KEYS = [None, "x", {"kid": "1"}, {"kid": "1", "kty": "RSA"}, {"kid": 7, "kty": "RSA"}, {"kid": "1", "kty": "oct"}]
BAD_NUMBERS = [{"kid": "1", "kty": "RSA", "n": "AA", "e": 7}, {"kid": "1", "kty": "RSA", "n": "", "e": "AQAB"}]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": 503}, "answered 503"),
        ({"status": 302}, "answered 302"),
        ({"jwks_uri": "http://localhost/keys"}, "over https only"),
        ({"jwks_uri": ["no address"]}, "over https only"),
        ({"jwks_uri": "https://localhost:1/keys"}, "Cannot connect"),
        ({"keys": None}, "no usable key"),
        ({"keys": "x"}, "no usable key"),
        ({"keys": NO_KEYS}, "no usable key"),
        ({"keys": BAD_NUMBERS}, "no usable key"),
    ],
)
async def test_what_cannot_be_read_changes_nothing(
    keys: SigningKeys, published: Published, changes: dict[str, Any], why: str
) -> None:
    """If a new read fails, the known keys stay good, and the next try comes later."""
    await keys.find(key(1).kid)
    published.now += FRESH_SECONDS
    published.keys = [key(2).jwk()]
    for name, value in changes.items():
        setattr(published, name, value)

    with capture_logs() as logs:
        assert await keys.find(key(1).kid) is not None
        assert await keys.find(key(1).kid) is not None

    (line,) = logs
    assert line["event"] == "signing_keys_not_read"
    assert why in line["why"]


async def test_one_odd_key_spoils_no_other(keys: SigningKeys, published: Published) -> None:
    """Keys of an unsupported kind are skipped, and the others are used."""
    published.keys = [{"kid": "ec", "kty": "EC", "crv": "P-256"}, key(1).jwk()]

    assert await keys.find(key(1).kid) is not None
    assert await keys.find("ec") is None


async def test_without_any_key_the_next_try_comes_soon(keys: SigningKeys, published: Published) -> None:
    """While no key is known at all, the keys are read again soon, but not for every caller."""
    published.status = 503
    for _ in range(3):
        with pytest.raises(Unavailable):
            await keys.find(key(1).kid)
    assert published.reads == 1

    published.status = 200
    published.now += FIRST_RETRY_SECONDS
    assert await keys.find(key(1).kid) is not None


async def test_a_read_that_takes_too_long_is_given_up(
    keys: SigningKeys, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that takes too long is given up, because a click waits for it."""
    monkeypatch.setattr(signing_keys, "_TIMEOUT_SECONDS", 0.01)
    published.hold.clear()

    with pytest.raises(Unavailable):
        await keys.find(key(1).kid)
