"""Entra for applications: client credentials as the real msal asks for them, metadata, keys and outages."""

import asyncio
from datetime import timedelta

import aiohttp
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from simulator.clock import wall_time
from simulator.entra import BOT_FRAMEWORK, GRAPH, Entra
from simulator.keys import SigningKey
from simulator.story import BOT, SIGN_IN, WORKER
from simulator.world import World
from tests.simulator.loopback import Msal, claims_of, teams_token


async def test_client_credentials_with_a_secret(msal_client: Msal, world: World, entra_key: SigningKey) -> None:
    """The worker gets a Graph token with its granted roles and its declared capability."""
    worker = world.application(WORKER)
    answer = await msal_client.call(worker, "acquire_token_for_client", [f"{GRAPH}/.default"])
    claims = claims_of(answer, entra_key, GRAPH)
    assert set(claims["roles"]) == worker.roles
    assert (claims["oid"], claims["azp"], claims["xms_cc"]) == (worker.object_id, worker.app_id, ["CP1"])
    assert "scp" not in claims


async def test_client_credentials_by_graphs_own_address(msal_client: Msal, entra: Entra, world: World) -> None:
    """A second address of Graph stands for the same resource."""
    entra.graph_origin = "https://localhost:4711"
    answer = await msal_client.call(
        world.application(WORKER), "acquire_token_for_client", ["https://localhost:4711/.default"]
    )
    assert jwt.decode(answer["access_token"], options={"verify_signature": False})["aud"] == GRAPH


async def test_bot_framework_token(msal_client: Msal, world: World, entra_key: SigningKey) -> None:
    """The bot gets a token for the Bot Connector; it carries no Graph permission."""
    bot = world.application(BOT)
    answer = await msal_client.call(bot, "acquire_token_for_client", [f"{BOT_FRAMEWORK}/.default"])
    claims = claims_of(answer, entra_key, BOT_FRAMEWORK)
    assert claims["appid"] == bot.app_id
    assert "roles" not in claims


async def test_wrong_secret_is_refused(msal_client: Msal, world: World) -> None:
    """A wrong secret is refused."""
    answer = await msal_client.call(
        world.application(WORKER), "acquire_token_for_client", [f"{GRAPH}/.default"], credential="guess"
    )
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])


@pytest.mark.parametrize("registered", [True, False])
async def test_certificate_assertion_is_verified(msal_client: Msal, world: World, registered: bool) -> None:
    """A certificate is accepted only if it is registered with the application."""
    private_key, certificate = _certificate()
    worker = world.application(WORKER)
    worker.certificate = certificate if registered else _certificate()[1]
    credential = {"private_key": private_key, "public_certificate": certificate}
    answer = await msal_client.call(worker, "acquire_token_for_client", [f"{GRAPH}/.default"], credential=credential)
    assert ("access_token" in answer) is registered


def _certificate() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "worker")])
    now = wall_time()
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    signed = builder.sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), signed.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        (f"{GRAPH}/User.Read.All", 1002012),
        (f"{GRAPH}/.default {BOT_FRAMEWORK}/.default", 28000),
        ("https://elsewhere.example/.default", 500011),
    ],
)
async def test_bad_scopes(entra: Entra, world: World, browser: aiohttp.ClientSession, scope: str, code: int) -> None:
    """An application has to ask for all its permissions on one existing resource."""
    worker = world.application(WORKER)
    form = {
        "grant_type": "client_credentials",
        "client_id": worker.app_id,
        "client_secret": worker.secret,
        "scope": scope,
    }
    async with browser.post(f"{entra.authority}/oauth2/v2.0/token", data=form) as response:
        assert (await response.json())["error_codes"] == [code]


async def test_outage(msal_client: Msal, entra: Entra, world: World) -> None:
    """During an outage msal raises an error; afterwards it gets tokens again."""
    entra.faults.outages = 1
    worker = world.application(WORKER)
    with pytest.raises(Exception, match="503"):
        await msal_client.call(worker, "acquire_token_for_client", [f"{GRAPH}/.default"])
    assert "access_token" in await msal_client.call(worker, "acquire_token_for_client", [f"{GRAPH}/.default"])


async def test_held_answer(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """A held answer of Entra arrives when the test releases it."""
    entra.faults.hold = asyncio.Event()
    worker = world.application(WORKER)
    form = {
        "grant_type": "client_credentials",
        "client_id": worker.app_id,
        "client_secret": worker.secret,
        "scope": f"{GRAPH}/.default",
    }

    async def ask() -> int:
        async with browser.post(f"{entra.authority}/oauth2/v2.0/token", data=form) as response:
            return response.status

    asking = asyncio.create_task(ask())
    done, _ = await asyncio.wait([asking], timeout=0.1)
    assert not done
    entra.faults.hold.set()
    assert await asking == 200


async def test_another_tenant(entra: Entra, browser: aiohttp.ClientSession) -> None:
    """Another tenant is unknown."""
    url = f"{entra.origin}/11111111-1111-1111-1111-111111111111/v2.0/.well-known/openid-configuration"
    async with browser.get(url) as response:
        assert (response.status, (await response.json())["error"]) == (400, "invalid_tenant")


async def test_published_keys_verify_tokens(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """The keys that the metadata names verify a token."""
    async with browser.get(f"{entra.authority}/v2.0/.well-known/openid-configuration") as response:
        metadata = await response.json()
    async with browser.get(metadata["jwks_uri"]) as response:
        (key,) = (await response.json())["keys"]
    token = teams_token(entra, world)
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    app_id = world.application(SIGN_IN).app_id
    claims = jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], audience=app_id, issuer=metadata["issuer"])
    assert claims["preferred_username"] == world.user("dana").upn
