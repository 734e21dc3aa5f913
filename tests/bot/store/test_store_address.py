"""Where Redis is, as one address says it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from redis.asyncio import Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from bot.store import open_store
from bot.store.address import Address, Topology
from bot.store.embedded import embedded_server, find_server
from handlers.ports.errors import Unavailable
from handlers.ports.requests import Stored
from tests import rights
from tests.bot.store.driven import NEW, write
from tests.servers import free_port, redis_server


def test_a_single_server_is_left_to_redis_py() -> None:
    """All that it understands, without what is only for us."""
    address = Address.of("rediss://bot:p%40w@redis.example:6380/3?ssl_cert_reqs=required&wait_ms=200")

    assert address.topology is Topology.SINGLE
    assert address.plain_url == "rediss://bot:p%40w@redis.example:6380/3?ssl_cert_reqs=required"
    assert address.replica_wait_ms == 200


def test_sentinels_are_listed_with_the_service_and_the_database() -> None:
    """Ports default to the sentinels' own."""
    address = Address.of(
        "rediss+sentinel://bot:p%40w@one,two:26400,[::1]:7/approvals/2?sentinel_username=u&sentinel_password=s"
    )

    assert address.topology is Topology.SENTINEL
    assert address.hosts == (("one", 26379), ("two", 26400), ("::1", 7))
    assert address.service == "approvals"
    assert address.plain_url == "rediss://bot:p%40w@one/2"
    assert (address.sentinel_username, address.sentinel_password) == ("u", "s")


def test_a_cluster_is_listed_by_some_of_its_nodes() -> None:
    """Any of them names the others."""
    address = Address.of("redis+cluster://:pw@one,two:7001?socket_timeout=1&wait_ms=100")

    assert address.topology is Topology.CLUSTER
    assert address.hosts == (("one", 6379), ("two", 7001))
    assert address.plain_url == "redis://:pw@one/?socket_timeout=1"
    assert address.replica_wait_ms == 100


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("http://:secret@redis", "begins with one of redis, rediss, unix"),
        ("redis://:secret@one?wait_ms=soon", "whole number of milliseconds"),
        ("redis://:secret@one?waitms=200", "knows no waitms; it knows wait_ms, "),
        ("redis://:secret@one?ssl_ca_certs=ca.pem", "begins with rediss"),
        ("rediss://:secret@one?ssl_cert_reqs=none", "always checked"),
        ("redis://:secret@one:six", "percent-encoded"),
    ],
)
def test_what_cannot_work_is_refused_without_showing_the_password(url: str, trouble: str) -> None:
    """At the start, in words."""
    with pytest.raises(ValueError, match=trouble) as refused:
        Address.of(url)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["redis://", "rediss+sentinel://", "redis+cluster://"])
@pytest.mark.parametrize("user", ["", "bot"])
@pytest.mark.parametrize("password", ["se/cret", "1/2se=cret", "se?cret", "1?se=cret", "1#secret", "se#cr/et?="])
def test_a_password_that_cuts_the_address_apart_is_refused_in_words(scheme: str, user: str, password: str) -> None:
    """Access keys of Azure hold `/`, `+` and `=`; as they are they would change the host, the port or the question."""
    with pytest.raises(ValueError, match="/ as %2F") as refused:
        Address.of(f"{scheme}{user}:{password}@one:6380/0")

    assert "cret" not in str(refused.value)


def test_an_access_key_is_written_percent_encoded() -> None:
    """It arrives as it is; a comma in it separates no hosts."""
    key = "a/b+c=d@e,f:g%h"
    for scheme in ("rediss", "rediss+sentinel", "rediss+cluster"):
        written = f"{scheme}://bot:{quote(key, safe='')}@one,two:7/mymaster/0"

        plain = parse_url(Address.of(written.replace("one,two:7", "one") if scheme == "rediss" else written).plain_url)

        assert (plain["username"], plain["password"], plain["host"]) == ("bot", key, "one")


def test_a_raw_comma_in_a_password_separates_no_hosts() -> None:
    """It is no character that an address gives a meaning to before the @."""
    address = Address.of("redis+cluster://:p,w@one,two")

    assert parse_url(address.plain_url)["password"] == "p,w"
    assert [host for host, _ in address.hosts] == ["one", "two"]


def test_passwords_do_not_show() -> None:
    """Neither in a log nor in a traceback."""
    address = Address.of("redis+sentinel://bot:secret-1@one/approvals?sentinel_password=secret-2")

    assert "secret" not in repr(address)


async def test_a_single_server_takes_user_database_and_timeouts(tmp_path: Path) -> None:
    """The same words as redis-py's, on a socket."""
    async with embedded_server(tmp_path) as url, Redis.from_url(url) as server:
        await server.acl_setuser("bot", enabled=True, passwords=["+p@w"], keys=["cs:*"], commands=["+@all"])
        with_user = url.replace("unix://", "unix://bot:p%40w@")

        store = await open_store(f"{with_user}?db=3&socket_timeout=1", "tenant", "c1")
        await store.requests.commit(write(NEW))
        await store.close()

        assert await server.dbsize() == 0
        async with Redis.from_url(f"{url}?db=3") as third:
            assert await third.dbsize() > 0


@asynccontextmanager
async def sentinel_of(port: int, directory: Path) -> AsyncIterator[int]:
    """A sentinel that watches the server on this port, with the documented rights for the bot; yields its own port."""
    own, settings = free_port(), directory / "sentinel.conf"
    allowed = rights.line(rights.SENTINEL)
    settings.write_text(
        f"port {own}\nlogfile {directory}/log\n{allowed}\nsentinel monitor approvals 127.0.0.1 {port} 1\n"
    )
    process = await asyncio.create_subprocess_exec(find_server(), settings, "--sentinel")
    try:
        async with asyncio.timeout(10), Redis(port=own, retry=Retry(ConstantBackoff(0.02), 200)) as sentinel:
            await sentinel.ping()
        yield own
    finally:
        process.terminate()
        await process.wait()


async def test_the_primary_is_found_through_a_sentinel(tmp_path: Path) -> None:
    """And asked for everything, including the bell, with the documented rights here and there."""
    port = free_port()
    async with (
        redis_server("--port", str(port)) as url,
        Redis.from_url(url, decode_responses=True) as server,
        sentinel_of(port, tmp_path) as sentinel,
    ):
        await rights.grant(server, rights.SERVER)
        who = f"sentinel_username={rights.USER}&sentinel_password={quote(rights.PASSWORD, safe='')}"
        at = f"redis+sentinel://{rights.ENCODED}@127.0.0.1:{sentinel}/approvals?{who}"
        store = await open_store(at, "tenant", "c1")
        receipt = await store.requests.commit(write(NEW))
        async with asyncio.timeout(5):
            await store.outbox.wait(0.01)
        await store.close()
        careful = await open_store(f"{at}&wait_ms=1", "tenant", "c1")
        for _ in range(2):
            with pytest.raises(Unavailable, match="no replica"):
                await careful.requests.commit(write(NEW))
        await careful.close()
        async with Redis(port=sentinel, decode_responses=True) as watching:
            denied = await rights.denied(server) | await rights.denied(watching)

    assert receipt.stored is Stored.SAVED
    assert denied == set()
