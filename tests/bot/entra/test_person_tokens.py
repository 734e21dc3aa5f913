"""Tokens of people: a token counts only if Entra signed it, for our application, and for this person."""

from collections.abc import AsyncIterator
from time import time
from typing import Any

import jwt
import pytest
from aiohttp import web

from bot.entra.msal_client import TokenAnswer
from bot.entra.person_tokens import PersonTokens
from bot.entra.signing_keys import SigningKeys
from handlers.ports.errors import SignInFailed, SignInTrouble
from simulator.keys import SigningKey
from simulator.site import serve
from tests.bot.teams.inbound.inbound import authority, client_session

KEY, STRANGER = SigningKey(), SigningKey()
ISSUER, OURS = "https://login.example/tenant/v2.0", ("app", "api://app")
GOOD: dict[str, Any] = {"iss": ISSUER, "aud": "api://app", "oid": "alex", "tid": "tenant", "scp": "access_as_user"}


@pytest.fixture
async def keys() -> AsyncIterator[SigningKeys]:
    """Yield the reader of Entra's keys; Entra publishes one key."""
    app = web.Application()

    async def metadata(request: web.Request) -> web.Response:
        return web.json_response({"jwks_uri": f"https://{request.host}/keys"})

    async def published(_request: web.Request) -> web.Response:
        return web.json_response({"keys": [KEY.jwk()]})

    app.router.add_get("/metadata", metadata)
    app.router.add_get("/keys", published)
    async with serve(app, authority().server_context()) as origin, client_session() as session:
        yield SigningKeys(session, f"{origin}/metadata", lambda: 0.0)


def checks(keys: SigningKeys, **more: Any) -> PersonTokens:
    return PersonTokens(keys, issuer=ISSUER, tenant_id="tenant", audiences=OURS, **more)


def token(key: SigningKey = KEY, ends_in: float = 300, **changes: Any) -> str:
    """Return a token for Alex with these claims changed; a claim that is `None` is left out."""
    claims = {"exp": time() + ends_in, **GOOD, **changes}
    return key.sign({name: value for name, value in claims.items() if value is not None})


async def trouble_of(checker: PersonTokens, assertion: str) -> tuple[SignInTrouble, str] | None:
    """Return why the token is not accepted for Alex, or `None` if it is accepted."""
    try:
        await checker.check_assertion(assertion, "alex")
    except SignInFailed as failed:
        return failed.trouble, str(failed)
    return None


INVALID, EXPIRED, OTHER = SignInTrouble.INVALID, SignInTrouble.EXPIRED, SignInTrouble.OTHER_PERSON
APPLICATION = "the token is an application's, not a person's"
ANOTHER_WAY = "the token names no key, or another way of signing"


@pytest.mark.parametrize("good", [{}, {"aud": "app"}, {"idtyp": "user"}, {"acrs": ["c1"]}])
async def test_a_good_token(keys: SigningKeys, good: dict[str, Any]) -> None:
    """A good token is accepted for either of our audiences."""
    assert await trouble_of(checks(keys), token(**good)) is None


@pytest.mark.parametrize(
    ("wrong", "trouble", "said"),
    [
        ({"key": STRANGER}, INVALID, "the token is signed with a key that Entra does not publish"),
        ({"ends_in": -90}, EXPIRED, "the token has expired"),
        ({"exp": None}, INVALID, "the token is not valid (MissingRequiredClaimError)"),
        ({"iss": "https://login.example/other/v2.0"}, INVALID, "the token is not valid (InvalidIssuerError)"),
        ({"iss": None}, INVALID, "the token is not valid (MissingRequiredClaimError)"),
        ({"aud": "other"}, INVALID, "the token is not valid (InvalidAudienceError)"),
        ({"aud": None}, INVALID, "the token is not valid (MissingRequiredClaimError)"),
        ({"scp": None}, INVALID, APPLICATION),
        ({"scp": None, "nonce": "n"}, INVALID, APPLICATION),
        ({"idtyp": "app"}, INVALID, APPLICATION),
        ({"oid": "rita"}, OTHER, "the token belongs to somebody else"),
        ({"oid": None}, OTHER, "the token belongs to somebody else"),
        ({"tid": "other"}, OTHER, "the token belongs to somebody else"),
    ],
)
async def test_another_token(keys: SigningKeys, wrong: dict[str, Any], trouble: SignInTrouble, said: str) -> None:
    """A token with one wrong property is refused."""
    assert await trouble_of(checks(keys), token(**wrong)) == (trouble, said)


async def test_clocks_may_differ_by_a_minute(keys: SigningKeys) -> None:
    """The clocks of the bot and of Entra may differ by a minute."""
    assert await trouble_of(checks(keys), token(ends_in=-50)) is None


@pytest.mark.parametrize(
    ("assertion", "said"),
    [
        ("no token", "this is no token"),
        (jwt.encode(GOOD, "s" * 64, algorithm="HS256", headers={"kid": KEY.kid}), ANOTHER_WAY),
        (jwt.encode(GOOD, "s" * 64, algorithm="HS256"), ANOTHER_WAY),
        (jwt.encode(GOOD, "", algorithm="none", headers={"kid": KEY.kid}), ANOTHER_WAY),
    ],
)
async def test_another_way_of_signing(keys: SigningKeys, assertion: str, said: str) -> None:
    """A token with a shared secret, without a signature or without a key id is refused before any key is looked up."""
    assert await trouble_of(checks(keys), assertion) == (INVALID, said)


async def test_a_sign_in_on_our_own_page(keys: SigningKeys) -> None:
    """An id token of our own page has a nonce and no scope; only a checker that takes id tokens accepts it."""
    proof = token(scp=None, nonce="n")
    assert await trouble_of(checks(keys, takes_id_tokens=True), proof) is None
    assert await trouble_of(checks(keys, takes_id_tokens=True), token(scp=None)) == (INVALID, APPLICATION)


@pytest.mark.parametrize(
    ("said", "proves"),
    [("c1", True), (["c1"], True), (["c2", "c1"], True), ("c10", False), (["c2"], False), (None, False)],
)
async def test_the_context_that_is_demanded(keys: SigningKeys, said: object, *, proves: bool) -> None:
    """If an authentication context is demanded, the token has to name it, alone or among others."""
    met = await trouble_of(checks(keys, context="c1"), token(acrs=said))
    assert met == (None if proves else (SignInTrouble.MORE_PROOF, "the sign-in does not prove c1"))


@pytest.mark.parametrize(
    ("changes", "context", "trouble"),
    [
        ({}, "", None),
        ({"acrs": ["c1"]}, "c1", None),
        ({}, "c1", SignInTrouble.MORE_PROOF),
        ({"iss": "https://login.example/other/v2.0"}, "", INVALID),
        ({"aud": "other"}, "", INVALID),
        ({"oid": "rita"}, "", OTHER),
        ({"tid": "other"}, "", OTHER),
    ],
)
def test_an_id_token(changes: dict[str, Any], context: str, trouble: SignInTrouble | None) -> None:
    """The claims of an id token are checked, although the token came straight from Entra."""
    checker = checks(SigningKeys(None, "", lambda: 0.0))  # type: ignore[arg-type]  # no key is read
    if trouble is None:
        checker.check_id_token(GOOD | changes, "alex", context)
        return
    with pytest.raises(SignInFailed) as failed:
        checker.check_id_token(GOOD | changes, "alex", context)
    assert failed.value.trouble is trouble
    if trouble is INVALID:
        assert str(failed.value) == "the sign-in was made for another tenant or application"


@pytest.mark.parametrize(
    ("claims", "is_alex"),
    [
        ({}, True),
        ({"oid": "alex", "tid": "tenant"}, True),
        ({"oid": "rita", "tid": "tenant"}, False),
        ({"oid": "alex", "tid": "other"}, False),
        ({"oid": "alex"}, False),
        ({"tid": "tenant"}, False),
    ],
)
def test_what_entra_gave_out(claims: dict[str, str], *, is_alex: bool) -> None:
    """The token that Entra issues has to name Alex or nobody; a token that cannot be read names nobody."""
    checker = checks(SigningKeys(None, "", lambda: 0.0))  # type: ignore[arg-type]  # no key is read
    for answer in (TokenAnswer("opaque", id_claims=claims), TokenAnswer(jwt.encode(claims, "s" * 64))):
        if is_alex:
            checker.check_result(answer, "alex")
        else:
            with pytest.raises(SignInFailed, match="somebody else"):
                checker.check_result(answer, "alex")
