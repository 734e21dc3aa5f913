"""The address of Redis: its forms and the errors in it."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis.strategies import text
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from bot.config.redis_address import Login, RedisAddress, Topology
from bot.store import open_store
from bot.store.embedded import embedded_server, find_server
from handlers.ports.errors import Unavailable
from handlers.ports.requests import Stored
from tests import rights
from tests.bot.store.driven import NEW, write
from tests.bot.store.sentinels import Named, sentinels
from tests.servers import free_port, listening, redis_server


def test_a_single_server() -> None:
    """The address of a single server has login, host, port and database."""
    address = RedisAddress.of("rediss://bot:p%40w@redis.example:6380/3?ssl_cert_reqs=required&wait_ms=200")

    assert (address.topology, address.tls) == (Topology.SINGLE, True)
    assert address.hosts == (("redis.example", 6380),)
    assert address.login == Login("bot", "p@w")
    assert address.database == 3
    assert address.replica_wait_ms == 200
    assert address.options == {"ssl_cert_reqs": "required"}


def test_sentinels_are_listed_with_the_service_and_the_database() -> None:
    """The address of sentinels lists them with the service and the database; their default port is that of
    sentinels."""
    address = RedisAddress.of(
        "rediss+sentinel://bot:p%40w@one,two:26400,[::1]:7/approvals/2?sentinel_username=u&sentinel_password=s%26%2B"
    )

    assert address.topology is Topology.SENTINEL
    assert address.hosts == (("one", 26379), ("two", 26400), ("::1", 7))
    assert (address.service, address.database) == ("approvals", 2)
    assert address.login == Login("bot", "p@w")
    assert address.sentinel_login == Login("u", "s&+")


def test_a_cluster_is_listed_by_some_of_its_nodes() -> None:
    """The address of a cluster lists some of its nodes."""
    address = RedisAddress.of("redis+cluster://:pw@one,two:7001?socket_timeout=1.5&socket_keepalive=true&wait_ms=100")

    assert address.topology is Topology.CLUSTER
    assert address.hosts == (("one", 6379), ("two", 7001))
    assert address.login == Login(None, "pw")
    assert address.options == {"socket_timeout": 1.5, "socket_keepalive": True}
    assert address.replica_wait_ms == 100


def test_a_socket() -> None:
    """The address of a socket has a path and a login."""
    address = RedisAddress.of("unix://bot:pw@/run/a%20b/redis.sock?db=2")

    assert (address.path, address.hosts, address.database) == ("/run/a b/redis.sock", (), 2)
    assert address.login == Login("bot", "pw")


WRONG = [
    ("http://:cret@redis", "must begin with one of redis://, rediss://, unix://"),
    ("cret.redis.example:6380,password=cret=,ssl=True", "must begin with one of"),
    ("rediss://one:6380,password=cret+=,ssl=True", "percent-encode"),
    ("redis://:cret@one?wait_ms=soon", "whole number of milliseconds"),
    ("redis://:cret@one?wait_ms=²", "whole number of milliseconds"),
    ("redis://:cret@one?waitms=200", r"did you mean wait_ms\?\); the known parameters are wait_ms, "),
    ("redis+sentinel://one/m?sentinel_password=se&cret", "known parameters are wait_ms, .* percent-encode .* & as %26"),
    ("redis://:cret@one?ssl_ca_certs=ca.pem", "begin the address with rediss"),
    ("rediss://:cret@one?ssl_cert_reqs=none", "always checked"),
    ("rediss://:cret@one?ssl_keyfile=a.key", "ssl_keyfile needs ssl_certfile"),
    ("redis://:cret@one?sentinel_password=cret", "begin the address with redis.sentinel"),
    ("redis+sentinel://one/m?sentinel_username=cret", "needs sentinel_password"),
    ("redis://:cret@one:six", "percent-encode"),
    ("redis://:cret@one:0", "a number from 1 to 65535"),
    ("redis://:cret@one..two", "a host must be"),
    (f"redis://:cret@{'one' * 30}", "a host must be"),
    ("redis://:cret@", "has no host"),
    ("redis:///0", "has no host"),
    ("redis://one,two", "an address with several hosts"),
    ("redis://one/cret", "only a database number is allowed"),
    ("redis+sentinel://one/approvals/0/cret", "only a database number is allowed"),
    ("redis://one/0?db=1", "not in both"),
    ("redis+cluster://one/1", "a cluster has no databases"),
    ("redis://one?db=cret", "db must be a whole number"),
    ("redis://one?db=1&db=2", "twice"),
    ("redis://one?client_name=", "client_name must be a text that is not empty"),
    ("redis://one?socket_timeout=cret", "socket_timeout must be a number of seconds"),
    ("redis://one?socket_keepalive=cret", "true or false"),
    ("redis+sentinel://one/m?sentinel_password=se+cret", "%2B"),
    ("unix://cret/redis.sock", "must begin with a slash"),
    ("unix:///run/%00cret", "cannot be printed"),
]


@pytest.mark.parametrize(("url", "trouble"), WRONG)
def test_what_cannot_work_is_refused_in_words(url: str, trouble: str) -> None:
    """A wrong address is refused with an explanation that repeats nothing of it, because any part may belong to a
    password."""
    with pytest.raises(ValueError, match=trouble) as refused:
        RedisAddress.of(url)

    assert "cret" not in shown(refused.value)


SCHEMES = ["redis://", "rediss+sentinel://", "redis+cluster://", "unix://"]
CUT = [
    *("se/cret", "1/2se=cret", "se?cret", "1?se=cret", "1#secret", "se#cr/et?=", "se[cret", "se]cret", "[cret]"),
    *(
        "se@cret/x",
        "6380?db=3",
        "se%zzcret",
        "cret%FF",
        "cret%",
        "se cret",
        "cret\n\t",
        "se\udcffcret",
        "1/0?wait_ms=1@cret",
    ),
]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("user", ["", "bot"])
@pytest.mark.parametrize("password", CUT)
def test_a_password_that_cuts_the_address_apart_is_refused_in_words(scheme: str, user: str, password: str) -> None:
    """A password with characters that would change the meaning of the address is refused with the advice to
    percent-encode it."""
    where = "/run/redis" if scheme == "unix://" else "one:6380/0"
    with pytest.raises(ValueError, match=r"percent-encode .* / as %2F") as refused:
        RedisAddress.of(f"{scheme}{user}:{password}@{where}")

    assert "cret" not in shown(refused.value)


@given(text())
def test_no_address_shows_itself(password: str) -> None:
    """Any text is either read as an address or refused with an error that shows nothing of it."""
    for url in (f"redis://u:{password}cret@one", f"redis+sentinel://one/m?sentinel_password={password}cret", password):
        assert "cret" not in told_of(url)


def told_of(url: str) -> str:
    """Return the printed form of an address, or of the error that refuses it."""
    try:
        return repr(RedisAddress.of(url))
    except ValueError as refused:
        return shown(refused) if type(refused) is ValueError else f"cret in {refused!r}"


def shown(error: BaseException) -> str:
    """Return everything that printing an error could show, including its causes."""
    chain = [error]
    while one := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(one)
    return "\n".join(f"{one!r} {one} {getattr(one, 'object', '')}" for one in chain)


def test_an_access_key_is_written_percent_encoded() -> None:
    """A percent-encoded access key is decoded exactly, and a comma in it separates no hosts."""
    key = "a/b+c=d@e,f:g%h[i]j?k#l&m"
    for address in (
        "rediss://bot:{}@one",
        "rediss+sentinel://bot:{}@one,two:7/mymaster/0",
        "redis+cluster://bot:{}@one",
    ):
        assert RedisAddress.of(address.format(quote(key, safe=""))).login == Login("bot", key)
    sentinel = RedisAddress.of(f"redis+sentinel://one/m?sentinel_password={quote(key, safe='')}")

    assert sentinel.sentinel_login == Login(None, key)


def test_a_raw_comma_in_a_password_separates_no_hosts() -> None:
    """A comma in a password separates no hosts, even if it is not encoded."""
    address = RedisAddress.of("redis+cluster://:p,w+x==@one,two")

    assert address.login.password == "p,w+x=="
    assert [host for host, _ in address.hosts] == ["one", "two"]


def test_passwords_do_not_show() -> None:
    """The printed form of an address shows no password."""
    address = RedisAddress.of("redis+sentinel://bot:secret-1@one/approvals?sentinel_password=secret-2")

    assert "secret" not in repr(address)
    assert "secret" not in repr(address.login) + repr(address.sentinel_login)


async def test_a_single_server_takes_user_database_and_timeouts(tmp_path: Path) -> None:
    """User, password, database and timeouts of an address count for a server on a socket."""
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
    """Start a sentinel that watches this port, with the documented rights for the bot, and yield its own port."""
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
    """The primary is found through a sentinel and used for everything, with the documented rights on both."""
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


@pytest.mark.parametrize(
    ("needs", "who"),
    [
        (("watcher", "s/2+="), "sentinel_username=watcher&sentinel_password=s%2F2%2B%3D"),
        (("s/2+=",), "sentinel_password=s%2F2%2B%3D"),
    ],
)
async def test_sentinels_with_a_user_or_a_password_of_their_own(needs: tuple[str, ...], who: str) -> None:
    """Sentinels may have their own user and password; the servers' login is not sent to them, and a wrong password is
    not shown."""
    port = free_port()
    async with redis_server("--port", str(port)) as url, Redis.from_url(url) as server:
        await server.acl_setuser("bot", enabled=True, passwords=["+p@w"], keys=["cs:*"], commands=["+@all"])
        named = [Named(port, needs=needs) for _ in range(3)]
        async with sentinels(*named, tail=who) as at:
            ours = at.replace("://", "://bot:p%40w@")
            store = await open_store(ours, "tenant", "c1")
            receipt = await store.requests.commit(write(NEW))
            await store.close()
            with pytest.raises(Unavailable, match="no sentinel names a primary") as refused:
                await open_store(ours.replace("s%2F2", "wrong-s2"), "tenant", "c1")

    assert receipt.stored is Stored.SAVED
    assert "s2" not in shown(refused.value)


async def test_a_server_that_repeats_what_it_was_told_is_not_quoted() -> None:
    """If a server repeats the password in its error, the raised error does not show it."""
    word = token_hex()
    named = Named(1, needs=("watcher", word), knows_auth=False)
    async with sentinels(named, tail=f"sentinel_username=watcher&sentinel_password={word}") as at:
        with pytest.raises(Unavailable, match="unknown command 'AUTH'") as refused:
            await open_store(at, "tenant", "c1")
    async with listening(named.serve) as port:
        with pytest.raises(Unavailable, match="unknown command 'AUTH'") as single:
            await open_store(f"redis://watcher:{word}@localhost:{port}", "tenant", "c1")

    for error in (refused.value, single.value):
        assert word not in "".join(traceback.format_exception(error))
