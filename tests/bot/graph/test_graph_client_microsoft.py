"""The module that uses msal: tokens of applications and of people, from a simulated Entra that checks everything."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bot.config.credential import Credential
from bot.entra.application_tokens import IN_HAND, NEW, AppTokens
from bot.entra.msal_client import (
    Authority,
    authorize_url,
    on_behalf_of,
    redeem_code,
)
from handlers.ports.errors import Forbidden, Unavailable
from simulator import certificate
from simulator.clock import wall_time
from simulator.entra import GRAPH, Entra
from simulator.keys import SigningKey
from simulator.site import serve
from simulator.story import SIGN_IN, WORKER, company
from simulator.world import World
from tests.bot.pems import NOTES, WORD, issued

TEAMS_CLIENT = "1fec8e78-bce4-4aaf-ab1b-5451cc387264"  # the Teams desktop client's public application id
REDIRECT = "https://bot.example/auth/callback"
SCOPE = f"{GRAPH}/DeviceManagementRBAC.Read.All"
DEFAULT = f"{GRAPH}/.default"


@pytest.fixture
def world() -> World:
    world = company()
    world.application(SIGN_IN).redirect_uris.add(REDIRECT)
    return world


@pytest.fixture
async def entra(world: World, authority: certificate.Authority, entra_key: SigningKey) -> AsyncIterator[Entra]:
    entra = Entra(world, entra_key)
    async with serve(entra.app(), authority.server_context()) as origin:
        entra.origin = origin
        yield entra


@pytest.fixture
def where(entra: Entra, ca_file: Path) -> Authority:
    return Authority(entra.authority, ca_file)


@pytest.fixture
def worker(world: World) -> Credential:
    app = world.application(WORKER)
    return Credential(app.app_id, secret=app.secret)


@pytest.fixture
def sign_in(world: World) -> Credential:
    app = world.application(SIGN_IN)
    return Credential(app.app_id, secret=app.secret)


@pytest.fixture
async def tokens(where: Authority, worker: Credential) -> AsyncIterator[AppTokens]:
    tokens = AppTokens(where, worker, DEFAULT)
    yield tokens
    tokens.close()


def assertion(entra: Entra, world: World, name: str = "dana") -> str:
    """Return the token that Teams gives for this person."""
    app = world.application(SIGN_IN)
    return entra.user_token(world.user(name).id, app.app_id, TEAMS_CLIENT, ["access_as_user"])


# --- the application's own tokens ---------------------------------------------------------------------------------


async def test_a_token_is_fetched_once(tokens: AppTokens, entra: Entra, entra_key: SigningKey) -> None:
    """A token is fetched once, declares that the client understands challenges, and comes from the cache afterwards."""
    first = await tokens()
    assert entra_key.verify(first, GRAPH)["xms_cc"] == ["CP1"]
    assert await tokens() == first
    assert len(entra.grants) == 1


async def test_many_who_ask_at_once_make_one_call(tokens: AppTokens, entra: Entra) -> None:
    """Callers that ask for a token at the same time share one call to Entra."""
    entra.faults.hold = asyncio.Event()
    asking = [asyncio.create_task(tokens()) for _ in range(20)]
    await asyncio.sleep(0)
    entra.faults.hold.set()
    assert len(set(await asyncio.gather(*asking))) == 1
    assert len(entra.grants) == 1


async def test_one_who_gives_up_stops_nobody(tokens: AppTokens, entra: Entra) -> None:
    """A caller that is cancelled does not stop the call for the other callers."""
    entra.faults.hold = asyncio.Event()
    leaving, staying = asyncio.create_task(tokens()), asyncio.create_task(tokens())
    await asyncio.sleep(0)
    leaving.cancel()
    entra.faults.hold.set()
    assert await staying
    assert leaving.cancelled()


async def test_claims_go_past_the_cache(tokens: AppTokens, entra: Entra) -> None:
    """A token for a challenge does not come from the cache, and is the token that all callers get afterwards."""
    first = await tokens()
    challenged = await tokens('{"access_token":{"nbf":{"essential":true,"value":"1"}}}')
    assert challenged != first
    assert '"nbf"' in entra.grants[1].claims
    assert '"xms_cc"' in entra.grants[1].claims
    assert await tokens() == challenged


async def test_a_new_token_goes_past_the_cache(tokens: AppTokens, entra: Entra) -> None:
    """A renewed token does not come from the cache, and is asked for with the same claims as the first."""
    first, renewed = await tokens(), await tokens(NEW)
    assert renewed != first
    assert await tokens() == renewed
    assert len({grant.claims for grant in entra.grants}) == 1


async def test_slow_sign_ins_hold_up_no_read(where: Authority, worker: Credential) -> None:
    """While all threads are busy, the token in hand is used; after a minute msal is asked again."""
    now = 0.0
    tokens = AppTokens(where, worker, DEFAULT, monotonic=lambda: now)
    first = await tokens()
    done = threading.Event()
    with ThreadPoolExecutor(max_workers=1) as only:
        asyncio.get_running_loop().set_default_executor(only)
        taken = asyncio.create_task(asyncio.to_thread(done.wait))
        await asyncio.sleep(0)
        now = IN_HAND - 1
        assert await asyncio.wait_for(tokens(), 1) == first
        now = IN_HAND + 1
        asking = asyncio.create_task(tokens())
        await asyncio.sleep(0)
        assert not asking.done()
        done.set()
        assert await asking == first
        await taken
    tokens.close()


async def test_a_wrong_secret_is_forbidden(where: Authority, worker: Credential) -> None:
    """A wrong secret raises `Forbidden` with Entra's code and without the secret."""
    tokens = AppTokens(where, replace(worker, secret="guessed-secret"), DEFAULT)
    with pytest.raises(Forbidden, match="AADSTS7000215") as caught:
        await tokens()
    assert "guessed-secret" not in str(caught.value) + repr(worker)
    tokens.close()


async def test_an_outage_is_unavailable(tokens: AppTokens, entra: Entra) -> None:
    """A 5xx of Entra raises `Unavailable`."""
    entra.faults.outages = 1
    with pytest.raises(Unavailable):
        await tokens()


async def test_no_discovery_is_unavailable_and_not_for_ever(tokens: AppTokens, entra: Entra, world: World) -> None:
    """Metadata that cannot be read raises `Unavailable`, and the next call tries again."""
    tenant, world.tenant_id = world.tenant_id, "another"
    with pytest.raises(Unavailable):
        await tokens()
    world.tenant_id = tenant
    assert await tokens()


async def test_nobody_there_is_unavailable(ca_file: Path, worker: Credential) -> None:
    """If nobody listens at the address, `Unavailable` is raised."""
    with pytest.raises(Unavailable):
        await AppTokens(Authority("https://localhost:1/tenant", ca_file), worker, DEFAULT)()


async def test_only_the_named_authority_is_trusted(
    where: Authority, worker: Credential, tmp_path: Path, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a CA file is configured, certificates and proxies in the environment are ignored."""
    monkeypatch.setenv("HTTPS_PROXY", "http://localhost:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    stranger = certificate.Authority().write(tmp_path / "ca.pem")
    with pytest.raises(Unavailable):
        await AppTokens(replace(where, ca_file=stranger), worker, DEFAULT)()
    tokens = AppTokens(where, worker, DEFAULT)
    assert await tokens()
    tokens.close()


# --- credentials --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [{}, {"secret": "s", "managed_identity": "m"}, {"thumbprint": "AA"}])
def test_a_credential_is_exactly_one(given: dict[str, Any]) -> None:
    """A credential must have exactly one kind of proof."""
    with pytest.raises(ValueError, match="needs one of"):
        Credential("app", **given)


@pytest.mark.parametrize("by_thumbprint", [True, False])
async def test_a_certificate_proves_the_application(
    where: Authority, world: World, tmp_path: Path, by_thumbprint: bool
) -> None:
    """A PEM proves the application with key and certificate, or with the key alone and the thumbprint from the
    portal."""
    key, public = make_certificate()
    app = world.application(WORKER)
    app.certificate = public
    thumbprint = x509.load_pem_x509_certificate(public.encode()).fingerprint(hashes.SHA1()).hex().upper()
    path = tmp_path / "worker.pem"
    path.write_text(key if by_thumbprint else key + public)
    credential = Credential(app.app_id, certificate=path, thumbprint=thumbprint if by_thumbprint else "")
    tokens = AppTokens(where, credential, DEFAULT)
    assert await tokens()
    tokens.close()


@pytest.mark.parametrize("word", ["", WORD])
async def test_a_pfx_proves_the_application(where: Authority, world: World, tmp_path: Path, word: str) -> None:
    """A PFX proves the application, with and without a passphrase."""
    own, app, path = issued(), world.application(WORKER), tmp_path / "worker.pfx"
    app.certificate = own.pem.decode()
    path.write_bytes(own.pfx(word))
    tokens = AppTokens(where, Credential(app.app_id, certificate=path, passphrase=word), DEFAULT)
    assert await tokens()
    tokens.close()


async def test_notes_in_latin_1_between_the_blocks_do_no_harm(where: Authority, world: World, tmp_path: Path) -> None:
    """Notes in Latin-1 between the PEM blocks are ignored; the key may be encrypted and come after the certificate."""
    own, app, path = issued(), world.application(WORKER), tmp_path / "worker.pem"
    app.certificate = own.pem.decode()
    path.write_bytes(NOTES + own.pem + NOTES + own.key_pem(WORD))
    tokens = AppTokens(where, Credential(app.app_id, certificate=path, passphrase=WORD), DEFAULT)
    assert await tokens()
    tokens.close()


async def test_a_key_that_entra_does_not_take_is_not_tried(where: Authority, tmp_path: Path) -> None:
    """A key of a kind that Entra does not accept is refused before it is sent."""
    own, path = issued("ec"), tmp_path / "worker.pem"
    path.write_bytes(own.key_pem() + own.pem)
    with pytest.raises(Unavailable, match=r"application app cannot prove itself: .* Entra accepts only RSA keys"):
        await AppTokens(where, Credential("app", certificate=path), DEFAULT)()


async def test_a_missing_certificate_file_is_unavailable(where: Authority, tmp_path: Path) -> None:
    """A missing certificate file raises `Unavailable`, because a mounted secret may come later."""
    with pytest.raises(Unavailable):
        await AppTokens(where, Credential("app", certificate=tmp_path / "none.pem"), DEFAULT)()


async def test_a_managed_identity_stands_in(where: Authority, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A managed identity gives a token for the exchange, and this token is the assertion of the application."""
    key, public = make_certificate()
    app = world.application(WORKER)
    app.certificate = public
    asked: dict[str, str] = {}

    async def identity(request: web.Request) -> web.Response:
        asked.update(request.query)
        token = signed_assertion(key, app.app_id, f"{where.url}/oauth2/v2.0/token")
        expires = int(wall_time().timestamp()) + 3600
        return web.json_response({"access_token": token, "expires_on": str(expires), "resource": asked["resource"]})

    host = web.Application()
    host.router.add_get("/msi", identity)
    runner = web.AppRunner(host)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}/msi")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    tokens = AppTokens(where, Credential(app.app_id, managed_identity="identity-1"), DEFAULT)
    assert await tokens()
    assert (asked["resource"], asked["client_id"]) == ("api://AzureADTokenExchange", "identity-1")
    tokens.close()
    await runner.cleanup()


def make_certificate() -> tuple[str, str]:
    """Return a private key and its certificate, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "worker")])
    now = wall_time()
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def signed_assertion(key: str, app_id: str, audience: str) -> str:
    """Return the assertion that a federated identity presents for the application."""
    now = int(wall_time().timestamp())
    claims = {"iss": app_id, "sub": app_id, "aud": audience, "exp": now + 600, "jti": secrets.token_hex(8)}
    return jwt.encode(claims, key, algorithm="RS256")


# --- people's tokens ----------------------------------------------------------------------------------------------


async def test_on_behalf_of_a_person(
    where: Authority, sign_in: Credential, entra: Entra, world: World, entra_key: SigningKey
) -> None:
    """The token from Teams is exchanged for a Graph token of the same person, without a refresh token."""
    answer = await on_behalf_of(where, sign_in, assertion(entra, world), [SCOPE])
    claims = entra_key.verify(answer.token, GRAPH)
    assert (claims["oid"], claims["xms_cc"]) == (world.user("dana").id, ["CP1"])
    assert answer.error == ""
    assert "offline_access" not in entra.grants[0].scope
    assert answer.token not in repr(answer)


async def test_more_proof_is_an_answer(where: Authority, sign_in: Credential, entra: Entra, world: World) -> None:
    """If Entra demands more proof, the answer has the claims for the sign-in page, and nothing is raised."""
    entra.faults.second_factor.add(world.user("dana").id)
    answer = await on_behalf_of(where, sign_in, assertion(entra, world), [SCOPE])
    assert (answer.token, answer.error) == ("", "interaction_required")
    assert '"acrs"' in answer.claims
    assert answer.error_codes
    assert answer.description


async def test_no_consent_is_an_answer(where: Authority, sign_in: Credential, entra: Entra, world: World) -> None:
    """Missing consent is an answer with an error code, and nothing is raised."""
    world.application(SIGN_IN).consented = False
    answer = await on_behalf_of(where, sign_in, assertion(entra, world), [SCOPE])
    assert answer.error_codes == (65001,)


async def test_one_persons_outage_is_not_the_next_ones(
    where: Authority, sign_in: Credential, entra: Entra, world: World
) -> None:
    """A 503 for one person's token is not repeated from a cache for another person."""
    entra.faults.outages = 1
    with pytest.raises(Unavailable):
        await on_behalf_of(where, sign_in, assertion(entra, world, "dana"), [SCOPE])
    assert (await on_behalf_of(where, sign_in, assertion(entra, world, "sam"), [SCOPE])).token
    assert (await on_behalf_of(where, sign_in, assertion(entra, world, "dana"), [SCOPE])).token


async def signed_in(
    session: aiohttp.ClientSession, where: Authority, app_id: str, *, nonce: str, verifier: str, claims: str = ""
) -> dict[str, str]:
    """Follow the sign-in link as Cora, and return the query that the browser brings back."""
    url = authorize_url(
        where,
        app_id,
        redirect_uri=REDIRECT,
        scopes=[SCOPE],
        state="state-1",
        nonce=nonce,
        verifier=verifier,
        claims=claims,
        login_hint="cora@company.onmicrosoft.com",
    )
    assert verifier not in url
    async with session.get(f"{url}&simulate_user=cora", allow_redirects=False) as answer:
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


async def test_a_sign_in_from_link_to_token(
    session: aiohttp.ClientSession, where: Authority, sign_in: Credential, world: World, entra_key: SigningKey
) -> None:
    """The code that the browser brings back is exchanged for the person's token, once."""
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    back = await signed_in(session, where, sign_in.app_id, nonce=nonce, verifier=verifier, claims='{"access_token":{}}')
    assert back["state"] == "state-1"
    proof: dict[str, Any] = {"verifier": verifier, "redirect_uri": REDIRECT, "scopes": [SCOPE], "nonce": nonce}
    answer = await redeem_code(where, sign_in, code=back["code"], **proof)
    assert entra_key.verify(answer.token, GRAPH)["oid"] == world.user("cora").id
    assert (answer.id_claims["oid"], answer.id_claims["tid"]) == (world.user("cora").id, world.tenant_id)
    again = await redeem_code(where, sign_in, code=back["code"], **proof)
    assert (again.token, again.error) == ("", "invalid_grant")


@pytest.mark.parametrize("wrong", ["nonce", "verifier"])
async def test_a_code_of_another_sign_in_is_worth_nothing(
    session: aiohttp.ClientSession, where: Authority, sign_in: Credential, wrong: str
) -> None:
    """A code is refused with another verifier or another nonce."""
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    back = await signed_in(session, where, sign_in.app_id, nonce=nonce, verifier=verifier)
    proof = {"verifier": verifier, "nonce": nonce} | {wrong: secrets.token_urlsafe(48)}
    answer = await redeem_code(where, sign_in, code=back["code"], redirect_uri=REDIRECT, scopes=[SCOPE], **proof)
    assert answer.token == ""
    assert answer.error == ("invalid_nonce" if wrong == "nonce" else "invalid_grant")


async def test_an_answer_without_an_id_token_is_refused(
    session: aiohttp.ClientSession,
    where: Authority,
    sign_in: Credential,
) -> None:
    """An answer without an id token is refused, although msal accepts it, because it does not show whose sign-in it
    was."""
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    url = authorize_url(
        where, sign_in.app_id, redirect_uri=REDIRECT, scopes=[SCOPE], state="s", nonce=nonce, verifier=verifier
    ).replace("openid+", "")
    async with session.get(f"{url}&simulate_user=cora", allow_redirects=False) as answer:
        (code,) = parse_qs(urlsplit(answer.headers["Location"]).query)["code"]
    redeemed = await redeem_code(
        where, sign_in, code=code, verifier=verifier, redirect_uri=REDIRECT, scopes=[SCOPE], nonce=nonce
    )
    assert (redeemed.token, redeemed.error) == ("", "invalid_nonce")
