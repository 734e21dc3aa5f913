"""The endpoint and HTTP requests that Teams would never send."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from yarl import URL

from bot.teams.inbound.endpoint import MOST_BYTES
from tests.bot.teams.inbound.inbound import Site, authority, site


@pytest.fixture
async def bot() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


async def test_a_401_names_the_scheme(bot: Site) -> None:
    """An answer 401 names the scheme `Bearer`, as HTTP demands."""
    reply = await bot.post({}, "")

    assert reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/json", "nonsense"])
async def test_only_json_comes_in(bot: Site, kind: str) -> None:
    """Only JSON is accepted, because browsers send other types across origins without asking."""
    reply = await bot.post(bot.click(), **{"Content-Type": kind})

    assert reply.error[:2] == (415, "UnsupportedMediaType")


async def test_only_post_comes_in(bot: Site) -> None:
    """Only POST is accepted."""
    for method in ("GET", "PUT", "DELETE"):
        async with bot.session.request(method, bot.url) as response:
            assert response.status == 405


async def test_a_body_without_length_is_measured_as_it_comes(bot: Site) -> None:
    """A body without a length is refused as soon as it is too large."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(MOST_BYTES // 1024 + 2):
            yield b" " * 1024

    headers = {"Authorization": f"Bearer {bot.minter.good()}", "Content-Type": "application/json"}
    async with bot.session.post(bot.url, data=endless(), headers=headers) as response:
        assert response.status == 413


async def test_a_header_of_any_bytes_is_refused(bot: Site) -> None:
    """A header whose bytes are no text is refused."""
    url = URL(bot.url)
    reader, writer = await asyncio.open_connection(url.host, url.port, ssl=authority().client_context())
    writer.write(b"POST /api/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n")
    writer.write(b"Connection: close\r\nContent-Length: 0\r\n\r\n")

    assert b" 400 " in await reader.readline()

    writer.close()
    await writer.wait_closed()


async def test_a_body_that_only_says_it_is_compressed_is_refused(bot: Site) -> None:
    """A body with a content encoding is refused without being decompressed, also with a good token."""
    headers = {"Authorization": f"Bearer {bot.minter.good()}", "Content-Type": "application/json"}
    async with bot.session.post(bot.url, data=b"not gzip", headers=headers | {"Content-Encoding": "gzip"}) as response:
        assert response.status == 415
