"""Who may call the bot: every reason for a refusal, over real https and with real signatures."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from handlers.incoming.clicks import Say
from simulator.keys import SigningKey
from simulator.teams.connector import BOT_AUDIENCE
from tests.bot.teams.inbound.inbound import Reply, Site, entra_key, site, user_called

OTHER = "11111111-2222-4333-8444-555555555555"
ELSEWHERE = "https://evil.example/teams/"
CODES = {400: "BadArgument", 401: "Unauthorized", 403: "Forbidden"}

Token = Callable[[Site], str]
Body = Callable[[Site], Any]


@pytest.fixture
async def bot() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


def claiming(**claims: Any) -> Token:
    """Return a signed token with these claims changed, or left out if `None`."""
    return lambda bot: bot.minter.good(**claims)


def signed_by_another(*channels: str) -> Token:
    """Return a token that is signed with a published key for these channels only."""

    def token(bot: Site) -> str:
        key = SigningKey(endorsements=channels)
        bot.connector.keys.append(key)
        return key.sign(bot.minter.claims())

    return token


def key_confusion(bot: Site) -> str:
    """Return a token that uses the public key as a shared secret."""
    key = bot.connector.key.jwk()
    signed = f"{part({'alg': 'HS256', 'kid': key['kid']})}.{part(bot.minter.claims())}"
    return f"{signed}.{base64url(hmac.digest(key['n'].encode(), signed.encode(), hashlib.sha256))}"


def reflected(bot: Site) -> str:
    """Return the bot's own token, which it sends to the services that it writes to."""
    entra = f"https://login.microsoftonline.com/{OTHER}/v2.0"
    claims = bot.minter.claims(iss=entra, aud=BOT_AUDIENCE, serviceurl=None)
    return entra_key().sign(claims | {"appid": bot.connector.bot_app_id})


def emulated(bot: Site) -> str:
    """Return a token from Entra for our application, as the emulator of other libraries uses it."""
    return bot.minter.good(iss=f"https://sts.windows.net/{OTHER}/", appid=bot.connector.bot_app_id)


def with_header(header: Any) -> Token:
    """Return a token with this header."""
    return lambda bot: f"{header if isinstance(header, str) else part(header)}.{part(bot.minter.claims())}.AAAA"


def part(content: Any) -> str:
    return base64url(json.dumps(content).encode())


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


LACKING = "the token lacks its expiry, issuer or audience"
UNKNOWN_KEY = "the token is signed with an unknown key"
FOR_ANOTHER = "the token is made out for somebody else"
OTHER_ISSUER = "the token is from another issuer"
NOT_LISTED = "the service address is not on the list of allowed origins"

TOKENS: dict[str, tuple[int, str, Token]] = {
    "no header": (401, "a bearer token is needed", lambda _: ""),
    "garbage": (401, "the token is malformed", lambda _: "garbage"),
    "garbage in three parts": (401, "the token is malformed", lambda _: "a.b.c"),
    "not ASCII": (401, "the token is malformed", lambda _: "\N{SNOWMAN}.b.c"),
    "header too deep": (401, "the token is malformed", with_header(base64url(b"[" * 5000))),
    "header a list": (401, "the token is malformed", with_header([])),
    "kid no text": (401, "the token is malformed", with_header({"alg": "RS256", "kid": ["x"]})),
    "expired": (401, "the token has expired", claiming(exp=1_700_000_000)),
    "not yet": (401, "the token is not valid yet", claiming(nbf=2**40)),
    "no exp": (401, LACKING, claiming(exp=None)),
    "exp no time": (401, "the token's exp is no time", claiming(exp="tomorrow")),
    "exp true": (401, "the token's exp is no time", claiming(exp=True)),
    "wrong signature": (401, "the token's signature is not valid", lambda bot: bot.minter.wrong_signature()),
    "alg none": (401, "the token is not signed with RS256", lambda bot: bot.minter.alg_none()),
    "HS256": (401, "the token is not signed with RS256", key_confusion),
    "unknown kid": (401, UNKNOWN_KEY, lambda bot: bot.minter.by_stranger()),
    "no kid": (401, "the token names no key", lambda bot: bot.minter.without_kid()),
    "wrong aud": (401, FOR_ANOTHER, claiming(aud=OTHER)),
    "two aud": (401, FOR_ANOTHER, lambda bot: bot.minter.good(aud=[OTHER, bot.connector.bot_app_id])),
    "no aud": (401, LACKING, claiming(aud=None)),
    "wrong iss": (401, OTHER_ISSUER, claiming(iss="https://evil.example")),
    "no iss": (401, LACKING, claiming(iss=None)),
    "token reflection": (401, UNKNOWN_KEY, reflected),
    "the emulator's token": (401, OTHER_ISSUER, emulated),
    "no serviceurl claim": (401, "the token names no service address", claiming(serviceurl=None)),
    "serviceurl claim not allowed": (403, NOT_LISTED, claiming(serviceurl=ELSEWHERE)),
    "key endorsed for webchat": (403, "the key is not endorsed for msteams", signed_by_another("webchat")),
    "key endorsed for nothing": (403, "the key is not endorsed for msteams", signed_by_another()),
}
"""For each kind of bad token: the status, the reason, and the token."""


def lacking(path: str) -> Body:
    """Return a click without this field, which may be inside another one ("from.aadObjectId")."""
    return lambda bot: changed(bot.click(), path, None)


def saying(path: str, value: Any) -> Body:
    """Return a click with another value in this field."""
    return lambda bot: changed(bot.click(), path, value)


def changed(sent: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *outer, last = path.split(".")
    within = sent
    for name in outer:
        within = within[name]
    within.pop(last, None)
    if value is not None:
        within[last] = value
    return sent


NOT_THE_TOKENS = "not the one that the token speaks for"

BODIES: dict[str, tuple[int, str, Body]] = {
    "serviceUrl differs from the claim": (403, NOT_THE_TOKENS, saying("serviceUrl", ELSEWHERE)),
    "serviceUrl missing": (403, NOT_THE_TOKENS, lacking("serviceUrl")),
    "serviceUrl no text": (403, NOT_THE_TOKENS, saying("serviceUrl", ["x"])),
    "channelId missing": (403, "only the channel msteams", lacking("channelId")),
    "channelId webchat": (403, "only the channel msteams", saying("channelId", "webchat")),
    "channelId emulator": (403, "only the channel msteams", saying("channelId", "emulator")),
    "other recipient": (403, "for another bot", saying("recipient.id", f"28:{OTHER}")),
    "no recipient": (403, "for another bot", lacking("recipient")),
    "other tenant in the data": (403, "another tenant", saying("channelData.tenant.id", OTHER)),
    "other tenant in the conversation": (403, "another tenant", saying("conversation.tenantId", OTHER)),
    "no tenant in the data": (403, "another tenant", lacking("channelData.tenant")),
    "no tenant in the conversation": (403, "another tenant", lacking("conversation.tenantId")),
    "no channel data": (403, "another tenant", lacking("channelData")),
    "a click of nobody": (403, "no Entra object id", lacking("from.aadObjectId")),
    "a click of a name": (403, "no Entra object id", saying("from.aadObjectId", "Alex Adler")),
    "a click without a sender": (403, "no Entra object id", lacking("from")),
    "a message of nobody": (403, "no Entra object id", lambda bot: changed(bot.activity(), "from.aadObjectId", None)),
    "no body": (400, "no JSON", lambda _: b""),
    "no JSON": (400, "no JSON", lambda _: b"{"),
    "no UTF-8": (400, "no JSON", lambda _: b'{"a":"\xff"}'),
    "nested too deeply": (400, "no JSON", lambda _: b"[" * 100_000),
    "a list": (400, "no JSON object", lambda _: []),
    "a string": (400, "no JSON object", lambda _: "x"),
    "null": (400, "no JSON object", lambda _: None),
    "no id": (400, "need an id", lacking("id")),
    "an endless id": (400, "need an id", saying("id", "x" * 600)),
    "no conversation id": (400, "need an id", lacking("conversation.id")),
    "no conversation type": (400, "known conversation type", lacking("conversation.conversationType")),
    "no type": (400, "needs a type", lacking("type")),
    "unknown invoke": (400, "answers no such invoke", saying("name", "task/fetch")),
    "no value": (400, "an object called value", lacking("value")),
    "value a list": (400, "an object called value", saying("value", [])),
    "no action": (400, "an object called action", lacking("value.action")),
    "an Action.Submit": (400, "no Action.Execute", saying("value.action.type", "Action.Submit")),
    "no verb": (400, "verb or data is not known", lacking("value.action.verb")),
    "unknown verb": (400, "verb or data is not known", saying("value.action.verb", "approve-all")),
    "verb a list": (400, "verb or data is not known", saying("value.action.verb", ["approve"])),
    "no data": (400, "an object called data", lacking("value.action.data")),
    "no request": (400, "verb or data is not known", lacking("value.action.data.request")),
    "request a path": (400, "verb or data is not known", saying("value.action.data.request", "../x")),
    "note a number": (400, "calls note is no text", saying("value.action.data", {"request": "r1", "note": 7})),
    "authentication a text": (400, "an object called authentication", saying("value.authentication", "x")),
    "token a number": (400, "calls token is no text", saying("value.authentication", {"token": 7})),
}
"""For each kind of bad body, sent with a good token: the status, the reason, and the body."""


@pytest.mark.parametrize("case", TOKENS)
async def test_a_bad_token_is_turned_away(bot: Site, case: str) -> None:
    """A bad token is refused with 401, or with 403 if it is genuine but not for Teams; the log has the reason and no
    token."""
    status, why, token = TOKENS[case]
    text = token(bot)

    with capture_logs() as logs:
        reply = await bot.post(bot.click(), text)

    assert_turned_away(bot, reply, logs, status, why)
    assert reply.error[2] == why
    assert not text or text not in str(logs) + str(reply.body)


@pytest.mark.parametrize("scheme", ["Basic ", "Bearer\t", "Bearer", ""])
async def test_a_genuine_token_comes_as_a_bearer_token(bot: Site, scheme: str) -> None:
    """A genuine token counts only under the scheme `Bearer`."""
    with capture_logs() as logs:
        reply = await bot.post(bot.click(), "", Authorization=f"{scheme}{bot.minter.good()}")

    assert_turned_away(bot, reply, logs, 401, "a bearer token is needed")


@pytest.mark.parametrize("case", BODIES)
async def test_a_bad_body_is_turned_away(bot: Site, case: str) -> None:
    """A bad body is refused with 403 if it is not meant for this bot, and otherwise with 400; the log has the
    reason."""
    status, why, body = BODIES[case]

    with capture_logs() as logs:
        reply = await bot.post(body(bot))

    assert_turned_away(bot, reply, logs, status, why)


def assert_turned_away(bot: Site, reply: Reply, logs: list[Any], status: int, why: str) -> None:
    assert reply.error[:2] == (status, CODES[status])
    assert why in reply.error[2]
    (line,) = [entry for entry in logs if entry["event"] == "activity_turned_away"]
    assert (line["status"], line["why"]) == (status, reply.error[2])
    assert bot.inbox.everything == []


async def test_a_genuine_click_comes_in(bot: Site) -> None:
    """A genuine click is accepted; without this test, an endpoint that refuses everything would pass."""
    bot.inbox.answer = Say("seen")

    reply = await bot.post(bot.click())

    assert (reply.status, reply.body["value"]) == (200, "seen")
    assert [click.account for click in bot.inbox.clicks] == [user_called("alex").id]


async def test_casing_of_ids_is_no_difference(bot: Site) -> None:
    """The ids of Entra are accepted in any casing, and reach the flows in small letters."""
    sent = bot.click()
    for path in ("recipient.id", "channelData.tenant.id", "conversation.tenantId", "from.aadObjectId"):
        outer, _, last = path.rpartition(".")
        within = sent[outer] if "." not in outer else sent["channelData"]["tenant"]
        changed(within, last, within[last].upper())

    reply = await bot.post(sent, Authorization=f"bearer {bot.minter.good()}")

    assert reply.status == 200
    assert bot.inbox.clicks[0].account == user_called("alex").id


def in_capitals(service_url: str) -> str:
    """Return the address with its scheme and host in capital letters."""
    origin, separator, path = service_url.partition("/teams")
    return f"{origin.upper()}{separator}{path}"


@pytest.mark.parametrize("changed_is", ["the claim", "the activity"])
@pytest.mark.parametrize("change", [lambda url: url.removesuffix("/"), in_capitals], ids=["no slash", "capitals"])
async def test_one_service_address_written_in_two_ways(
    bot: Site, change: Callable[[str], str], changed_is: str
) -> None:
    """The service address in the token and the one in the activity may differ in casing and in the last slash
    (teams.net#549, teams.net#553)."""
    other, sent, token = change(bot.connector.service_url), bot.click(), bot.minter.good()
    if changed_is == "the claim":
        token = bot.minter.good(serviceurl=other)
    else:
        sent["serviceUrl"] = other

    assert (await bot.post(sent, token)).status == 200
    assert len(bot.inbox.clicks) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/teams/", "/emea/"),
        ("/teams/", "/teams//"),
        ("/teams/", "/teams/x"),
        ("/teams/", ""),
        ("/teams/", "/%74eams/"),
        ("/teams/", "/x/../teams/"),
        ("/teams/", "/teams/?a=b"),
        ("/teams/", "/teams/#a"),
        ("localhost", "localhost.evil.example"),
        ("localhost", "a@localhost"),
        ("localhost", "127.0.0.1"),
        ("https:", "http:"),
        ("https://", "https://["),
    ],
)
async def test_another_service_address_is_another(bot: Site, old: str, new: str) -> None:
    """A service address with another path, host, port or scheme than the one in the token is refused."""
    sent = bot.click()
    sent["serviceUrl"] = sent["serviceUrl"].replace(old, new)

    with capture_logs() as logs:
        reply = await bot.post(sent)

    assert_turned_away(bot, reply, logs, 403, NOT_THE_TOKENS)
