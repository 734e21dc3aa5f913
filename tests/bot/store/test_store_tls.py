"""Redis under TLS: which certificates are trusted, and which the bot shows."""

import ssl
from pathlib import Path

import pytest
import trustme
from redis.asyncio import Redis

from bot.config.redis_address import RedisAddress
from bot.store import open_store
from bot.store.clients import Trust, client_of
from bot.store.tls import SecureConnection
from handlers.ports.errors import Unavailable
from handlers.ports.requests import Stored
from simulator.certificate import Authority
from tests.bot.pems import issued
from tests.bot.store.driven import NEW, write
from tests.bot.store.line import line_to
from tests.bot.store.sentinels import Named, sentinels
from tests.office import authority


@pytest.fixture
async def url(single: str) -> str:
    """Empty the server and return its address."""
    async with Redis.from_url(single) as server:
        await server.flushall()
    return single


async def saves(url: str) -> bool:
    """Return whether a decision is stored at this address."""
    store = await open_store(url, "tenant", "c1")
    try:
        return (await store.requests.commit(write(NEW))).stored is Stored.SAVED
    finally:
        await store.close()


def mutual(ca_file: Path) -> ssl.SSLContext:
    """Return the TLS context of a server that asks for a client certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority().write_server(ca_file.with_name("server.pem")))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cafile=ca_file)
    return context


async def test_a_server_of_an_authority_of_ones_own(url: str, tmp_path: Path) -> None:
    """A server with a private authority is trusted only if `ssl_ca_certs` names that authority."""
    authority().write(tmp_path / "ca.pem")
    Authority().write(tmp_path / "other.pem")
    async with line_to(url, authority().server_context()) as line:
        for ca in ("", f"?ssl_ca_certs={tmp_path}/other.pem"):
            with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
                await saves(line.address + ca)

        assert await saves(f"{line.address}?ssl_ca_certs={tmp_path}/ca.pem")


async def test_a_server_that_wants_to_know_who_we_are(url: str, tmp_path: Path) -> None:
    """A server that asks for a client certificate accepts the one in `ssl_certfile` and `ssl_keyfile`, and refuses a
    client without."""
    authority().write(tmp_path / "ca.pem")
    own = authority().write_server(tmp_path / "bot.pem")
    async with line_to(url, mutual(tmp_path / "ca.pem")) as line:
        trusting = f"{line.address}?ssl_ca_certs={tmp_path}/ca.pem"
        with pytest.raises(Unavailable):
            await saves(trusting)

        assert await saves(f"{trusting}&ssl_certfile={own}&ssl_keyfile={own}")


async def test_our_certificate_as_pfx(url: str, tmp_path: Path) -> None:
    """The client certificate may be a PFX with a passphrase; a wrong passphrase is reported without it and without the
    path."""
    own = issued()
    (tmp_path / "own.pem").write_bytes(own.pem)
    (tmp_path / "bot.pfx").write_bytes(own.pfx("open/sesame"))
    authority().write(tmp_path / "ca.pem")
    asking = mutual(tmp_path / "ca.pem")
    asking.load_verify_locations(cafile=tmp_path / "own.pem")
    async with line_to(url, asking) as line:
        shown = f"{line.address}?ssl_ca_certs={tmp_path}/ca.pem&ssl_certfile={tmp_path}/bot.pfx&ssl_password="
        assert await saves(f"{shown}open%2Fsesame")
        with pytest.raises(Unavailable, match="ssl_password does not open the file that ssl_certfile names") as found:
            await saves(f"{shown}hush")

    assert "hush" not in str(found.value)
    assert str(tmp_path) not in str(found.value)


def test_every_node_of_a_cluster_is_reached_under_tls() -> None:
    """Every node of a cluster is reached under TLS, also those that other nodes name."""
    cluster = client_of(RedisAddress.of("rediss+cluster://one,two"), Trust(), 1)

    assert {node.connection_class for node in cluster.startup_nodes} == {SecureConnection}
    assert all("tls" in node.connection_kwargs for node in cluster.startup_nodes)
    assert cluster.nodes_manager.connection_kwargs["connection_class"] is SecureConnection


async def test_a_certificate_that_names_another_host(url: str, tmp_path: Path) -> None:
    """A certificate for another host is refused unless the address says `ssl_check_hostname=false`."""
    context, ca = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), trustme.CA()
    ca.issue_cert("redis.example").configure_cert(context)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with line_to(url, context) as line:
        trusting = f"{line.address}?ssl_ca_certs={tmp_path}/ca.pem"
        with pytest.raises(Unavailable, match="Hostname mismatch"):
            await saves(trusting)

        assert await saves(f"{trusting}&ssl_check_hostname=false")


async def test_sentinels_under_tls(url: str, tmp_path: Path) -> None:
    """Sentinels and the primary are reached under TLS with the same certificates."""
    authority().write(tmp_path / "ca.pem")
    own = authority().write_server(tmp_path / "bot.pem")
    certificates = f"ssl_ca_certs={tmp_path}/ca.pem&ssl_certfile={own}&ssl_keyfile={own}"
    async with line_to(url, mutual(tmp_path / "ca.pem")) as line:
        named = Named(int(line.address.rpartition(":")[2]))
        async with sentinels(named, tls=mutual(tmp_path / "ca.pem"), tail=certificates) as at:
            assert await saves(at)
