"""Entra for people in a browser: the authorization code flow with PKCE, and who cannot sign in."""

import base64
import hashlib
import json
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from simulator.entra import GRAPH, Entra
from simulator.keys import SigningKey
from simulator.story import SIGN_IN, WORKER, company
from simulator.world import Application, World
from tests.simulator.loopback import READ, Msal, claims_of, teams_token

REDIRECT = "https://bot.example/auth/callback"


@pytest.fixture
def world() -> World:
    """Return the company with a registered page of the sign-in application."""
    world = company()
    world.application(SIGN_IN).redirect_uris.add(REDIRECT)
    return world


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


async def test_code_flow_with_pkce(
    msal_client: Msal, entra: Entra, world: World, browser: aiohttp.ClientSession, entra_key: SigningKey
) -> None:
    """msal's own code flow works: it checks PKCE, state and nonce, and each code works once."""
    sign_in, rita = world.application(SIGN_IN), world.user("rita")
    flow = await msal_client.call(
        sign_in, "initiate_auth_code_flow", [f"{GRAPH}/{READ}"], redirect_uri=REDIRECT, response_mode="form_post"
    )
    async with browser.get(flow["auth_uri"] + "&simulate_user=rita") as response:
        returned = dict(re.findall(r'name="(\w+)" value="([^"]+)"', await response.text()))
    answer = await msal_client.call(sign_in, "acquire_token_by_auth_code_flow", flow, returned)
    claims = claims_of(answer, entra_key, GRAPH)
    assert (claims["oid"], claims["tid"], claims["scp"]) == (rita.id, world.tenant_id, READ)
    assert claims_of(answer, entra_key, sign_in.app_id, "id_token")["oid"] == rita.id
    assert "refresh_token" in answer
    again = await msal_client.call(sign_in, "acquire_token_by_auth_code_flow", flow, returned)
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
    """A code works only for the client, redirect URI and verifier that it was made for."""
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


async def test_refresh_token_belongs_to_its_client(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """A refresh token is given only for offline_access, and works only for its own client."""
    url, query = _sign_in_url(entra, world, simulate_user="rita")
    async with browser.get(url, params=query, allow_redirects=False) as response:
        returned = _redirected(response)
    sign_in, scope = world.application(SIGN_IN), f"openid offline_access {GRAPH}/{READ}"
    answer = await _redeem(browser, entra, sign_in, returned["code"], scope=scope)
    refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    assert "access_token" in await _redeem(browser, entra, sign_in, "", **refresh)
    assert (await _redeem(browser, entra, world.application(WORKER), "", **refresh))["error_codes"] == [70000]


async def test_sign_in_without_consent(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """If the application has no consent, the person comes back to it with an error."""
    world.application(SIGN_IN).consented = False
    url, query = _sign_in_url(entra, world, simulate_user="rita")
    async with browser.get(url, params=query, allow_redirects=False) as response:
        assert _redirected(response)["error"] == "access_denied"


@pytest.mark.parametrize("who", ["dora", "nobody"])
async def test_who_cannot_sign_in(entra: Entra, world: World, browser: aiohttp.ClientSession, who: str) -> None:
    """A disabled account and an unknown one get an error page."""
    url, query = _sign_in_url(entra, world, simulate_user=who)
    async with browser.get(url, params=query, allow_redirects=False) as response:
        assert response.status == 400


async def test_nonce_and_state_return(
    entra: Entra, world: World, browser: aiohttp.ClientSession, entra_key: SigningKey
) -> None:
    """The state comes back in the redirect, and the nonce in the id token."""
    url, query = _sign_in_url(entra, world, simulate_user="rita", nonce="n-1")
    async with browser.get(url, params=query, allow_redirects=False) as response:
        returned = _redirected(response)
    assert returned["state"] == "st"
    answer = await _redeem(browser, entra, world.application(SIGN_IN), returned["code"])
    assert claims_of(answer, entra_key, world.application(SIGN_IN).app_id, "id_token")["nonce"] == "n-1"


async def test_person_chooses_on_the_page(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """Without a known person a page lists people to choose from; with prompt=none it is never shown."""
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
    """The same browser is signed in silently, unless the application asks for a prompt."""
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
    """An unknown client or redirect URI gets an error page, so nothing is sent to an unregistered address."""
    url, query = _sign_in_url(entra, world, simulate_user="rita", **wrong)
    async with browser.get(url, params=query, allow_redirects=False) as response:
        assert response.status == 400


async def test_plain_code_challenge_is_refused(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """A plain code challenge is refused; only S256 is accepted."""
    url, query = _sign_in_url(entra, world, simulate_user="rita", code_challenge="x", code_challenge_method="plain")
    async with browser.get(url, params=query, allow_redirects=False) as response:
        assert _redirected(response)["error"] == "invalid_request"


async def test_second_factor_in_the_browser(
    msal_client: Msal, entra: Entra, world: World, browser: aiohttp.ClientSession
) -> None:
    """On-behalf-of asks for a second factor with claims; a sign-in carrying these claims then succeeds."""
    app = world.application(SIGN_IN)
    entra.faults.second_factor.add(world.user("dana").id)
    refused = await msal_client.call(app, "acquire_token_on_behalf_of", teams_token(entra, world), [f"{GRAPH}/{READ}"])
    assert (refused["error"], refused["suberror"]) == ("interaction_required", "basic_action")
    assert json.loads(refused["claims"])["access_token"]["acrs"]["essential"]
    for claims, error in (("", "interaction_required"), (refused["claims"], None)):
        url, query = _sign_in_url(entra, world, simulate_user="dana", claims=claims)
        async with browser.get(url, params=query, allow_redirects=False) as response:
            returned = _redirected(response)
        answer = await _redeem(browser, entra, app, returned["code"])
        assert answer.get("error") == error


async def test_conditional_access_block(
    msal_client: Msal, entra: Entra, world: World, browser: aiohttp.ClientSession
) -> None:
    """A blocked person gets no token on behalf and cannot pass the sign-in page."""
    entra.faults.blocked.add(world.user("dana").id)
    app = world.application(SIGN_IN)
    answer = await msal_client.call(app, "acquire_token_on_behalf_of", teams_token(entra, world), [f"{GRAPH}/{READ}"])
    assert answer["error_codes"] == [53003]
    url, query = _sign_in_url(entra, world, simulate_user="dana")
    async with browser.get(url, params=query, allow_redirects=False) as response:
        assert response.status == 400
