"""Entra as the real msal sees it, over https with the simulator's own certificate authority."""

import asyncio
import base64
import hashlib
import json
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt
import msal
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from simulator.certificate import Authority
from simulator.clock import wall_time
from simulator.entra import BOT_FRAMEWORK, GRAPH, Entra
from simulator.keys import SigningKey
from simulator.site import serve
from simulator.story import BOT, SIGN_IN, WORKER, company
from simulator.world import Application, World

TEAMS_CLIENT = "1fec8e78-bce4-4aaf-ab1b-5451cc387264"  # the Teams desktop client's public application id
REDIRECT = "https://bot.example/auth/callback"
READ = "DeviceManagementRBAC.Read.All"


@dataclass
class Client:
    """The real msal, kept off proxies and other authorities, called without blocking the loop it is served from."""

    entra: Entra
    ca_file: Path

    async def call(self, app: Application, method: str, /, *args: Any, credential: Any = None, **more: Any) -> Any:
        """One call on a throw-away confidential client."""
        return await asyncio.to_thread(self._call, app, method, args, more, credential or app.secret)

    def _call(self, app: Application, method: str, args: Any, more: Any, credential: Any) -> Any:
        with requests.Session() as session:
            session.verify, session.trust_env = str(self.ca_file), False
            client = msal.ConfidentialClientApplication(
                app.app_id,
                authority=self.entra.authority,
                client_credential=credential,
                client_capabilities=["CP1"],
                instance_discovery=False,
                http_client=session,
            )
            return getattr(client, method)(*args, **more)


@pytest.fixture
def world() -> World:
    world = company()
    world.application(SIGN_IN).redirect_uris.add(REDIRECT)
    return world


@pytest.fixture
async def entra(world: World, authority: Authority, entra_key: SigningKey) -> AsyncIterator[Entra]:
    entra = Entra(world, entra_key)
    async with serve(entra.app(), authority.server_context()) as origin:
        entra.origin = origin
        yield entra


@pytest.fixture
def client(entra: Entra, ca_file: Path) -> Client:
    return Client(entra, ca_file)


@pytest.fixture
async def browser(authority: Authority) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=authority.client_context())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


def _claims(answer: dict[str, Any], key: SigningKey, audience: str, name: str = "access_token") -> dict[str, Any]:
    assert name in answer, answer
    return key.verify(answer[name], audience)


def _redirected(response: aiohttp.ClientResponse) -> dict[str, str]:
    assert response.status == 302
    return {name: value for name, (value,) in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def _sign_in_url(entra: Entra, world: World, **more: str) -> tuple[str, dict[str, str]]:
    query = {
        "client_id": world.application(SIGN_IN).app_id,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": f"openid profile {GRAPH}/{READ}",
        "state": "st",
    }
    return f"{entra.authority}/oauth2/v2.0/authorize", query | more


async def test_client_credentials_with_a_secret(client: Client, world: World, entra_key: SigningKey) -> None:
    """The worker gets a Graph token with its granted roles, and the capability that it declared."""
    worker = world.application(WORKER)
    answer = await client.call(worker, "acquire_token_for_client", [f"{GRAPH}/.default"])
    claims = _claims(answer, entra_key, GRAPH)
    assert set(claims["roles"]) == worker.roles
    assert (claims["oid"], claims["azp"], claims["xms_cc"]) == (worker.object_id, worker.app_id, ["CP1"])
    assert "scp" not in claims


async def test_client_credentials_by_graphs_own_address(client: Client, entra: Entra, world: World) -> None:
    """A Graph served elsewhere is the same resource under a second name."""
    entra.graph_origin = "https://localhost:4711"
    answer = await client.call(
        world.application(WORKER), "acquire_token_for_client", ["https://localhost:4711/.default"]
    )
    assert jwt.decode(answer["access_token"], options={"verify_signature": False})["aud"] == GRAPH


async def test_bot_framework_token(client: Client, world: World, entra_key: SigningKey) -> None:
    """The bot gets a token for the Bot Connector; it carries no Graph permission."""
    bot = world.application(BOT)
    answer = await client.call(bot, "acquire_token_for_client", [f"{BOT_FRAMEWORK}/.default"])
    claims = _claims(answer, entra_key, BOT_FRAMEWORK)
    assert claims["appid"] == bot.app_id
    assert "roles" not in claims


async def test_wrong_secret_is_refused(client: Client, world: World) -> None:
    """A secret is compared, not ignored."""
    answer = await client.call(
        world.application(WORKER), "acquire_token_for_client", [f"{GRAPH}/.default"], credential="guess"
    )
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])


@pytest.mark.parametrize("registered", [True, False])
async def test_certificate_assertion_is_verified(client: Client, world: World, registered: bool) -> None:
    """A certificate works where it is registered with the application, and only there."""
    private_key, certificate = _certificate()
    worker = world.application(WORKER)
    worker.certificate = certificate if registered else _certificate()[1]
    credential = {"private_key": private_key, "public_certificate": certificate}
    answer = await client.call(worker, "acquire_token_for_client", [f"{GRAPH}/.default"], credential=credential)
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


async def test_code_flow_with_pkce(
    client: Client, entra: Entra, world: World, browser: aiohttp.ClientSession, entra_key: SigningKey
) -> None:
    """msal's own code flow: PKCE, state and nonce hold; the code is good for one redemption."""
    sign_in, rita = world.application(SIGN_IN), world.user("rita")
    flow = await client.call(
        sign_in, "initiate_auth_code_flow", [f"{GRAPH}/{READ}"], redirect_uri=REDIRECT, response_mode="form_post"
    )
    async with browser.get(flow["auth_uri"] + "&simulate_user=rita") as response:
        returned = dict(re.findall(r'name="(\w+)" value="([^"]+)"', await response.text()))
    answer = await client.call(sign_in, "acquire_token_by_auth_code_flow", flow, returned)
    claims = _claims(answer, entra_key, GRAPH)
    assert (claims["oid"], claims["tid"], claims["scp"]) == (rita.id, world.tenant_id, READ)
    assert _claims(answer, entra_key, sign_in.app_id, "id_token")["oid"] == rita.id
    assert "refresh_token" in answer
    again = await client.call(sign_in, "acquire_token_by_auth_code_flow", flow, returned)
    assert again["error_codes"] == [54005]


async def _redeem(
    browser: aiohttp.ClientSession, entra: Entra, client: Application, code: str, **form: str
) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "client_id": client.app_id,
        "client_secret": client.secret,
        "redirect_uri": REDIRECT,
        "scope": f"openid {GRAPH}/{READ}",
        "code": code,
    } | form
    async with browser.post(f"{entra.authority}/oauth2/v2.0/token", data=form) as response:
        return dict(await response.json())


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        ((SIGN_IN, {}), None),
        ((SIGN_IN, {"code_verifier": "another"}), 501481),
        ((SIGN_IN, {"code_verifier": ""}), 501481),
        ((SIGN_IN, {"redirect_uri": "https://evil.example/"}), 50011),
        ((WORKER, {}), 70000),
    ],
)
async def test_code_is_bound(
    entra: Entra,
    world: World,
    browser: aiohttp.ClientSession,
    attempt: tuple[str, dict[str, str]],
    code: int | None,
) -> None:
    """A code works for the client, redirect URI and verifier that it was made for, and no other."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    url, query = _sign_in_url(
        entra, world, simulate_user="rita", code_challenge=challenge, code_challenge_method="S256"
    )
    async with browser.get(url, params=query, allow_redirects=False) as response:
        returned = _redirected(response)
    who, form = attempt
    form = {"code_verifier": verifier} | form
    answer = await _redeem(browser, entra, world.application(who), returned["code"], **form)
    assert answer.get("error_codes") == ([code] if code else None)


async def test_nonce_and_state_return(
    entra: Entra, world: World, browser: aiohttp.ClientSession, entra_key: SigningKey
) -> None:
    """State comes back in the redirect and the nonce inside the id token."""
    url, query = _sign_in_url(entra, world, simulate_user="rita", nonce="n-1")
    async with browser.get(url, params=query, allow_redirects=False) as response:
        returned = _redirected(response)
    assert returned["state"] == "st"
    answer = await _redeem(browser, entra, world.application(SIGN_IN), returned["code"])
    assert _claims(answer, entra_key, world.application(SIGN_IN).app_id, "id_token")["nonce"] == "n-1"


async def test_person_chooses_on_the_page(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """Without a settled person there is a page that lists people; prompt=none never shows it."""
    url, query = _sign_in_url(entra, world)
    async with browser.get(url, params=query) as response:
        page = await response.text()
        assert "Rita Rossi" in page
        assert "Dora Dahl" not in page
    async with browser.get(url, params=query | {"prompt": "none"}, allow_redirects=False) as response:
        assert _redirected(response)["error"] == "login_required"
    async with browser.get(url, params=query | {"simulate_error": "access_denied"}, allow_redirects=False) as response:
        assert _redirected(response) | {"error_description": ""} == {
            "error": "access_denied",
            "error_description": "",
            "state": "st",
        }


async def test_browser_remembers_its_person_until_prompted(
    entra: Entra, world: World, browser: aiohttp.ClientSession
) -> None:
    """Single sign-on: the same browser is signed in silently, unless the application prompts."""
    url, query = _sign_in_url(entra, world)
    async with browser.get(url, params=query | {"simulate_user": "sam"}, allow_redirects=False) as response:
        assert response.status == 302
    async with browser.get(url, params=query | {"prompt": "none"}, allow_redirects=False) as response:
        assert "code" in _redirected(response)
    async with browser.get(url, params=query | {"prompt": "select_account"}, allow_redirects=False) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "wrong", [{"redirect_uri": "https://evil.example/"}, {"client_id": "00000000-0000-0000-0000-000000000000"}]
)
async def test_unregistered_redirect_never_redirects(
    entra: Entra, world: World, browser: aiohttp.ClientSession, wrong: dict[str, str]
) -> None:
    """An unknown client or redirect URI ends on an error page: nothing is sent to an address nobody registered."""
    url, query = _sign_in_url(entra, world, simulate_user="rita", **wrong)
    async with browser.get(url, params=query, allow_redirects=False) as response:
        assert response.status == 400


async def test_plain_code_challenge_is_refused(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """PKCE means S256."""
    url, query = _sign_in_url(entra, world, simulate_user="rita", code_challenge="x", code_challenge_method="plain")
    async with browser.get(url, params=query, allow_redirects=False) as response:
        assert _redirected(response)["error"] == "invalid_request"


def _assertion(entra: Entra, world: World, name: str = "dana", **claims: Any) -> str:
    app = world.application(SIGN_IN)
    return entra.user_token(world.user(name).id, app.app_id, TEAMS_CLIENT, ["access_as_user"], **claims)


async def test_on_behalf_of(client: Client, entra: Entra, world: World, entra_key: SigningKey) -> None:
    """Teams' token for the sign-in application becomes a Graph token of the same person."""
    answer = await client.call(
        world.application(SIGN_IN), "acquire_token_on_behalf_of", _assertion(entra, world), [f"{GRAPH}/{READ}"]
    )
    claims = _claims(answer, entra_key, GRAPH)
    assert (claims["oid"], claims["scp"]) == (world.user("dana").id, READ)
    assert [(grant.kind.rpartition(":")[2], grant.user_id) for grant in entra.grants] == [
        ("jwt-bearer", world.user("dana").id)
    ]


async def test_on_behalf_of_by_identifier_uri(client: Client, entra: Entra, world: World) -> None:
    """A token whose audience is the application's URI, as v1 tokens have it, is accepted as well."""
    app = world.application(SIGN_IN)
    token = entra.user_token(world.user("dana").id, app.identifier_uri, TEAMS_CLIENT, ["access_as_user"])
    assert "access_token" in await client.call(app, "acquire_token_on_behalf_of", token, [f"{GRAPH}/.default"])


@pytest.mark.parametrize(
    ("claims", "code"),
    [({"aud": GRAPH}, 50013), ({"exp": 1}, 500133)],
    ids=["another audience", "expired"],
)
async def test_on_behalf_of_checks_the_assertion(
    client: Client, entra: Entra, world: World, claims: dict[str, Any], code: int
) -> None:
    """An assertion for somebody else or from yesterday buys nothing."""
    token = _assertion(entra, world, **claims)
    answer = await client.call(world.application(SIGN_IN), "acquire_token_on_behalf_of", token, [f"{GRAPH}/{READ}"])
    assert answer["error_codes"] == [code]


async def test_on_behalf_of_checks_the_signature(client: Client, entra: Entra, world: World) -> None:
    """A token signed by another key with the right content buys nothing."""
    claims = jwt.decode(_assertion(entra, world), options={"verify_signature": False})
    forged = SigningKey().sign(claims)
    answer = await client.call(world.application(SIGN_IN), "acquire_token_on_behalf_of", forged, [f"{GRAPH}/{READ}"])
    assert answer["error_codes"] == [50013]


async def test_on_behalf_of_an_application_is_refused(client: Client, entra: Entra, world: World) -> None:
    """Only a person can be acted for."""
    token = entra.app_token(world.application(WORKER).app_id, world.application(SIGN_IN).app_id)
    answer = await client.call(world.application(SIGN_IN), "acquire_token_on_behalf_of", token, [f"{GRAPH}/{READ}"])
    assert answer["error_codes"] == [7000114]


async def test_scope_without_consent_is_refused(client: Client, entra: Entra, world: World) -> None:
    """A permission that nobody granted is not handed out."""
    app = world.application(SIGN_IN)
    answer = await client.call(app, "acquire_token_on_behalf_of", _assertion(entra, world), [f"{GRAPH}/Mail.Send"])
    assert (answer["error"], answer["error_codes"]) == ("invalid_grant", [65001])


async def test_second_factor_in_the_browser(
    client: Client, entra: Entra, world: World, browser: aiohttp.ClientSession
) -> None:
    """On-behalf-of asks for a second factor with claims; a sign-in carrying these claims then succeeds."""
    app = world.application(SIGN_IN)
    entra.faults.second_factor.add(world.user("dana").id)
    refused = await client.call(app, "acquire_token_on_behalf_of", _assertion(entra, world), [f"{GRAPH}/{READ}"])
    assert (refused["error"], refused["suberror"]) == ("interaction_required", "basic_action")
    assert json.loads(refused["claims"])["access_token"]["acrs"]["essential"]
    for claims, error in (("", "interaction_required"), (refused["claims"], None)):
        url, query = _sign_in_url(entra, world, simulate_user="dana", claims=claims)
        async with browser.get(url, params=query, allow_redirects=False) as response:
            returned = _redirected(response)
        answer = await _redeem(browser, entra, app, returned["code"])
        assert answer.get("error") == error


async def test_conditional_access_block(
    client: Client, entra: Entra, world: World, browser: aiohttp.ClientSession
) -> None:
    """A blocked person gets no token on behalf, and no way past the sign-in page."""
    entra.faults.blocked.add(world.user("dana").id)
    app = world.application(SIGN_IN)
    answer = await client.call(app, "acquire_token_on_behalf_of", _assertion(entra, world), [f"{GRAPH}/{READ}"])
    assert answer["error_codes"] == [53003]
    url, query = _sign_in_url(entra, world, simulate_user="dana")
    async with browser.get(url, params=query, allow_redirects=False) as response:
        assert response.status == 400


async def test_disabled_account(client: Client, entra: Entra, world: World) -> None:
    """A disabled account's earlier token buys nothing any more."""
    token = _assertion(entra, world, "dora")
    answer = await client.call(world.application(SIGN_IN), "acquire_token_on_behalf_of", token, [f"{GRAPH}/{READ}"])
    assert answer["error_codes"] == [50057]


async def test_tokens_of_the_wrong_person(client: Client, entra: Entra, world: World, entra_key: SigningKey) -> None:
    """The fault that hands Dana a token of Sam, which a careful client notices by its oid."""
    entra.faults.mistaken[world.user("dana").id] = world.user("sam").id
    app = world.application(SIGN_IN)
    answer = await client.call(app, "acquire_token_on_behalf_of", _assertion(entra, world), [f"{GRAPH}/{READ}"])
    assert _claims(answer, entra_key, GRAPH)["oid"] == world.user("sam").id


async def test_outage(client: Client, entra: Entra, world: World) -> None:
    """While it lasts, msal raises; afterwards tokens flow again."""
    entra.faults.outages = 1
    worker = world.application(WORKER)
    with pytest.raises(Exception, match="503"):
        await client.call(worker, "acquire_token_for_client", [f"{GRAPH}/.default"])
    assert "access_token" in await client.call(worker, "acquire_token_for_client", [f"{GRAPH}/.default"])


async def test_held_answer(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """A slow Entra answers when it is let go."""
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
    """Only this tenant lives here."""
    url = f"{entra.origin}/11111111-1111-1111-1111-111111111111/v2.0/.well-known/openid-configuration"
    async with browser.get(url) as response:
        assert (response.status, (await response.json())["error"]) == (400, "invalid_tenant")


async def test_published_keys_verify_tokens(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """Whoever follows the metadata to the keys can verify a token with them."""
    async with browser.get(f"{entra.authority}/v2.0/.well-known/openid-configuration") as response:
        metadata = await response.json()
    async with browser.get(metadata["jwks_uri"]) as response:
        (key,) = (await response.json())["keys"]
    token = _assertion(entra, world)
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    app_id = world.application(SIGN_IN).app_id
    claims = jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], audience=app_id, issuer=metadata["issuer"])
    assert claims["preferred_username"] == world.user("dana").upn
