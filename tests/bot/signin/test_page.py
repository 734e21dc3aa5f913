"""The sign-in page as browsers see it, from the link on the card to the last page."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from structlog.testing import capture_logs
from yarl import URL

from bot.signin.page import COOKIE
from bot.signin.seal import PASS_SECONDS, Seal
from handlers.ports.errors import NotFound, SignInFailed, SignInTrouble
from simulator import certificate
from simulator.entra import GRAPH
from tests.bot.entra.signing import Bot, Browser, Landed, Tenant, bot, browser

ENTRA = "/oauth2/v2.0/authorize?"
CALLBACK = "/signin/callback?"


@pytest.fixture
async def served(here: Tenant, authority: certificate.Authority) -> AsyncIterator[Bot]:
    async with bot(here, authority.server_context()) as opened:
        yield opened


@pytest.fixture
async def alex(authority: certificate.Authority) -> AsyncIterator[Browser]:
    async with browser(authority, "alex") as opened:
        yield opened


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def link_on(page: Landed, origin: str) -> str:
    """Return the address of the only link on a page."""
    [_, rest] = page.text.split('<a href="')
    return str(URL(origin).join(URL(rest.partition('"')[0])))


# --- a complete sign-in -------------------------------------------------------------------------------------------


async def test_the_way_through(served: Bot, alex: Browser, here: Tenant) -> None:
    """A click on the link leads through Entra to the last page, also if another replica ends the sign-in."""
    page = await alex.open(await served.link())
    assert (page.status, "Intune has been told: approved. You can close this page." in page.text) == (200, True)
    [(request_id, person, verb, token)] = served.carried
    assert (request_id, person, verb) == ("request-1", here.oid("alex"), "finish")
    assert token.account == here.oid("alex")
    assert here.key.verify(token.text, GRAPH)["scp"] == "DeviceManagementRBAC.Read.All"


async def test_proof_key(served: Bot, alex: Browser) -> None:
    """Entra is asked for a code with PKCE (S256), a state, a nonce and only the needed permission."""
    link = await served.link()
    page = await alex.open(link, stop_at=ENTRA)
    asked = query_of(page.visited[-1])
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["code_challenge"]) == 43
    assert asked["redirect_uri"] == f"{served.origin}/signin/callback"
    assert asked["scope"] == f"openid profile {GRAPH}/DeviceManagementRBAC.Read.All"
    assert asked["state"].startswith(link.rpartition("/")[2])
    assert asked["nonce"]
    assert not {"login_hint", "claims", "prompt"} & set(asked)


async def test_stolen_code(served: Bot, alex: Browser, here: Tenant) -> None:
    """A code from a sign-in with another proof key is refused."""
    first, second = await served.link(), await served.link()
    stolen = query_of((await alex.open(first, stop_at=CALLBACK)).visited[-1])["code"]
    own = query_of((await alex.open(second, stop_at=CALLBACK)).visited[-1])
    page = await alex.open(f"{served.origin}/signin/callback?code={stolen}&state={own['state']}")
    assert (page.status, served.carried) == (400, [])
    assert not here.entra.grants


async def test_second_factor(served: Bot, alex: Browser, here: Tenant) -> None:
    """Claims that Graph or Entra demanded are part of the next sign-in."""
    here.entra.faults.second_factor.add(here.oid("alex"))
    claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
    page = await alex.open(await served.link(claims=claims))
    assert query_of(page.visited[1])["claims"] == claims
    assert (page.status, len(served.carried)) == (200, 1)


async def test_second_factor_found_late(served: Bot, alex: Browser, here: Tenant) -> None:
    """If Entra demands more proof at the end, the page has a link that signs in again with those claims."""
    here.entra.faults.second_factor.add(here.oid("alex"))
    stopped = await alex.open(await served.link())
    assert (stopped.status, served.carried) == (403, [])
    page = await alex.open(link_on(stopped, served.origin))
    assert (page.status, len(served.carried)) == (200, 1)


# --- previews, replays, other browsers ----------------------------------------------------------------------------


async def test_preview_uses_nothing_up(served: Bot, alex: Browser, authority: certificate.Authority) -> None:
    """Opening the link without signing in uses nothing up, also several times."""
    link = await served.link()
    async with browser(authority) as robot:
        for _ in range(5):
            assert ENTRA in (await robot.open(link)).visited[-1]
    assert (await alex.open(link)).status == 200
    assert len(served.carried) == 1


async def test_used_link(served: Bot, alex: Browser) -> None:
    """A link works once; afterwards the page says to click the button on the card again."""
    link = await served.link()
    await alex.open(link)
    page = await alex.open(link)
    assert (page.status, "click the button again" in page.text) == (410, True)
    assert len(served.carried) == 1


async def test_replayed_callback(served: Bot, alex: Browser) -> None:
    """Loading the last page again repeats nothing."""
    first = await alex.open(await served.link())
    again = await alex.open(first.visited[-1])
    assert (again.status, len(served.carried)) == (410, 1)


async def test_expired_link(served: Bot, alex: Browser, here: Tenant) -> None:
    """A link that the store has forgotten is refused, also in the middle of a sign-in."""
    link = await served.link()
    halfway = await alex.open(link, stop_at=CALLBACK)
    here.nonces.kept.clear()
    assert (await alex.open(halfway.visited[-1])).status == 410
    assert (await alex.open(link)).status == 410
    assert not served.carried


@pytest.mark.parametrize("path", ["/signin/x", "/signin/" + "a" * 43, "/signin/%2F", "/signin/" + "a" * 500])
async def test_invented_link(served: Bot, alex: Browser, path: str) -> None:
    """An invented link gets the same answer as an old one."""
    assert (await alex.open(served.origin + path)).status == 410


async def test_exactly_once(served: Bot, alex: Browser, here: Tenant) -> None:
    """Two sign-ins of one link that end at the same time carry the decision once."""
    link = await served.link()
    ends = [(await alex.open(link, stop_at=CALLBACK)).visited[-1] for _ in range(2)]
    here.nonces.meeting = asyncio.Barrier(2)
    pages = [asyncio.create_task(alex.open(end)) for end in ends]
    assert sorted(page.status for page in await asyncio.gather(*pages)) == [200, 410]
    assert len(served.carried) == 1


async def test_other_browser(served: Bot, alex: Browser, authority: certificate.Authority) -> None:
    """A sign-in can only end in the browser in which it began, and a failed attempt elsewhere leaves it usable."""
    link = await served.link()
    end = (await alex.open(link, stop_at=CALLBACK)).visited[-1]
    async with browser(authority, "alex") as stranger:
        assert (await stranger.open(end)).status == 400
        await stranger.open(await served.link(), stop_at=CALLBACK)
        assert (await stranger.open(end)).status == 400
    assert not served.carried
    assert (await alex.open(end)).status == 200


@pytest.mark.parametrize(
    "query", ["", "code=x", "code=x&state=", "code=x&state=a.b", "error=x", "state=%ff.%00&code=x"]
)
async def test_invented_callback(served: Bot, alex: Browser, query: str) -> None:
    """A callback without a sign-in is refused, with or without a cookie."""
    assert (await alex.open(f"{served.origin}/signin/callback?{query}")).status == 400
    await alex.open(await served.link(), stop_at=ENTRA)
    assert (await alex.open(f"{served.origin}/signin/callback?{query}")).status == 400
    assert not served.carried


async def test_state_is_bound_to_its_nonce(served: Bot, alex: Browser) -> None:
    """The proof in the state of one sign-in is not accepted for another one."""
    ends = [query_of((await alex.open(await served.link(), stop_at=CALLBACK)).visited[-1]) for _ in range(2)]
    nonce, proof = ends[0]["state"].split(".")[0], ends[1]["state"].split(".")[1]
    page = await alex.open(f"{served.origin}/signin/callback?code={ends[0]['code']}&state={nonce}.{proof}")
    assert (page.status, served.carried) == (400, [])


async def test_two_tabs(served: Bot, alex: Browser) -> None:
    """Two sign-ins in one browser do not disturb each other."""
    ends = [(await alex.open(await served.link(), stop_at=CALLBACK)).visited[-1] for _ in range(2)]
    assert [(await alex.open(end)).status for end in ends] == [200, 200]
    assert len(served.carried) == 2


async def test_replicas_need_the_same_key(here: Tenant, alex: Browser, authority: certificate.Authority) -> None:
    """A replica with another session key cannot end a sign-in."""
    async with bot(here, authority.server_context(), end_key=b"x" * 32) as mixed:
        assert (await alex.open(await mixed.link())).status == 400
    assert not mixed.carried


def test_a_door_pass_is_good_for_a_while() -> None:
    """A pass for the emergency page is valid for a limited time under its key, and cannot be extended or forged."""
    seal, other = Seal(b"x" * 32), Seal(b"y" * 32)
    given = seal.door_pass(1000.0)
    assert seal.is_door_pass(given, 1000.0)
    assert seal.is_door_pass(given, 999.0 + PASS_SECONDS)
    assert not seal.is_door_pass(given, 1000.0 + PASS_SECONDS)
    assert not other.is_door_pass(given, 1000.0)
    _, until, word, proof = given.split("-", 3)
    forged = [
        f"emergency-{int(until, 16) + 1:x}-{word}-{proof}",
        f"room-{until}-{word}-{proof}",
        f"emergency-{until}-{word}-",
    ]
    for one in [*forged, "", "emergency", "emergency---", "a" * 40, seal.state("a" * 40, "b" * 40)]:
        assert not seal.is_door_pass(one, 1000.0)
    assert seal.door_pass(1000.0) != given


def test_weak_session_key() -> None:
    """A short session key is refused."""
    with pytest.raises(ValueError, match="32"):
        Seal(b"short")


# --- other people, and what Entra refuses -------------------------------------------------------------------------


async def test_other_person(served: Bot, here: Tenant, authority: certificate.Authority) -> None:
    """A person who signs in as somebody else is asked to choose the right account, and the page shows nothing about the
    right person."""
    async with browser(authority, "both") as wrong:
        page = await wrong.open(await served.link())
        assert (page.status, served.carried) == (403, [])
        for secret in ("Adler", "alex", here.oid("alex"), "request-1", "finish"):
            assert secret not in page.text
        wrong.user = "alex"
        retry = await wrong.open(link_on(page, served.origin))
        assert query_of(retry.visited[1])["prompt"] == "select_account"
        assert (retry.status, len(served.carried)) == (200, 1)


async def test_token_of_another_person(served: Bot, alex: Browser, here: Tenant) -> None:
    """A token that Entra issues for another person is not used."""
    here.entra.faults.mistaken[here.oid("alex")] = here.oid("both")
    assert (await alex.open(await served.link())).status == 403
    assert not served.carried


async def test_no_consent(served: Bot, alex: Browser, here: Tenant) -> None:
    """Without consent the page refers to an administrator."""
    here.app.consented = False
    page = await alex.open(await served.link())
    assert (page.status, "administrator" in page.text, served.carried) == (403, True, [])


async def test_declined(served: Bot, here: Tenant, authority: certificate.Authority) -> None:
    """A person who declines at Entra is told so, and the link still works."""
    link = await served.link()
    async with browser(authority) as nobody:
        entra = (await nobody.open(link)).visited[-1]
        page = await nobody.open(f"{entra}&simulate_error=access_denied")
        assert (page.status, "administrator" in page.text) == (403, True)
        nobody.user = "alex"
        assert (await nobody.open(link)).status == 200


async def test_blocked(served: Bot, alex: Browser, here: Tenant) -> None:
    """If Conditional Access blocks the sign-in at the end, the page says so."""
    end = (await alex.open(await served.link(), stop_at=CALLBACK)).visited[-1]
    here.entra.faults.blocked.add(here.oid("alex"))
    page = await alex.open(end)
    assert (page.status, "Conditional Access" in page.text, served.carried) == (403, True, [])


async def test_entra_is_away(served: Bot, alex: Browser, here: Tenant) -> None:
    """After an outage of Entra the same link works."""
    here.entra.faults.outages = 100
    page = await alex.open(await served.link())
    assert (page.status, served.carried) == (503, [])
    here.entra.faults.outages = 0
    assert (await alex.open(link_on(page, served.origin))).status == 200


async def test_not_passed_on(served: Bot, alex: Browser) -> None:
    """If the flow behind the page fails, the page refers to the card."""
    served.trouble = NotFound("there is no such request")
    page = await alex.open(await served.link())
    assert (page.status, "the card shows how things stand" in page.text) == (503, True)


# --- headers, cookies and logs ------------------------------------------------------------------------------------


async def test_headers(served: Bot, alex: Browser) -> None:
    """Every page forbids scripts, frames and caching, and sends no referrer."""
    link = await served.link()
    begun = await alex.open(link, stop_at=ENTRA)
    for page in (
        begun,
        await alex.open(link),
        await alex.open(link),
        await alex.open(f"{served.origin}/signin/callback"),
    ):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "<script" not in page.text


async def test_a_sign_in_that_came_to_nothing(served: Bot, alex: Browser, here: Tenant) -> None:
    """The flows are told of a sign-in that failed, with the person and the reason."""
    here.app.consented = False

    await alex.open(await served.link())

    assert served.in_vain == [("request-1", here.oid("alex"), SignInTrouble.NO_CONSENT)]
    assert served.carried == []


async def test_a_token_that_is_not_enough(served: Bot, alex: Browser, here: Tenant) -> None:
    """If Graph demands more proof than Entra did, the page has a link that signs in again with the claims."""
    served.trouble = SignInFailed(SignInTrouble.MORE_PROOF, "insufficient_claims", claims='{"access_token":{}}')

    page = await alex.open(await served.link())

    again = await alex.open(link_on(page, served.origin), stop_at=ENTRA)
    assert query_of(again.visited[-1])["claims"] == '{"access_token":{}}'


async def test_cookie(served: Bot, alex: Browser) -> None:
    """The cookie is for this host and https only, hidden from scripts, and not sent with requests from other sites."""
    page = await alex.open(await served.link(), stop_at=ENTRA)
    name, *attributes = [part.strip() for part in page.headers["Set-Cookie"].split(";")]
    assert name.startswith(f"{COOKIE}=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    assert not any(attribute.startswith("Domain") for attribute in attributes)


async def test_sentence_is_text(served: Bot, alex: Browser) -> None:
    """The sentence of the flow is shown as plain text."""
    served.sentence = "<script>alert(1)</script>"
    assert "<script" not in (await alex.open(await served.link())).text


async def test_page_is_readable(served: Bot, alex: Browser) -> None:
    """A page names its language, and has one heading and one main part."""
    text = (await alex.open(await served.link())).text
    for part in ('<html lang="en">', "<title>", "<main>", "<h1>", 'name="viewport"'):
        assert text.count(part) == 1


async def test_secrets_show_nowhere(served: Bot, alex: Browser, here: Tenant) -> None:
    """No log line and no stored value holds a token, a code, a proof key or a nonce, whether the sign-in succeeds or
    fails."""
    with capture_logs() as lines:
        good = await alex.open(await served.link())
        here.entra.faults.blocked.add(here.oid("alex"))
        link = await served.link()
        here.entra.faults.blocked.clear()
        end = (await alex.open(link, stop_at=CALLBACK)).visited[-1]
        here.entra.faults.blocked.add(here.oid("alex"))
        await alex.open(end)
    [(_, _, _, token)] = served.carried
    seen = [query_of(good.visited[-1]), query_of(end)]
    secrets = [token.text, *(answer[name] for answer in seen for name in ("code", "state"))]
    secrets += [answer["state"].partition(".")[0] for answer in seen]
    everything = repr((lines, here.nonces.ever, served.carried))
    assert {line["event"] for line in lines} == {"signed_in", "sign_in_refused", "sign_in_failed"}
    assert not [secret for secret in secrets if secret in everything]
    assert jwt.decode(token.text, options={"verify_signature": False})["oid"] == here.oid("alex")
