"""Silent sign-in: the token from Teams is checked and then exchanged for one call."""

import json
import secrets

import jwt
import pytest
from structlog.testing import capture_logs

from bot.entra.msal_client import TokenAnswer
from bot.entra.signing_keys import RETRY_SECONDS
from handlers.ports.errors import SignInFailed, SignInTrouble, Unavailable
from simulator.clock import wall_time
from simulator.entra import GRAPH
from simulator.entra.faults import SECOND_FACTOR
from simulator.keys import SigningKey
from tests.bot.entra.signing import TEAMS_CLIENT, Tenant, with_secret

HOUR = 3600


async def trouble(here: Tenant, assertion: str, person: str = "alex") -> SignInFailed:
    with pytest.raises(SignInFailed) as failed:
        await here.sign_in().on_behalf_of(assertion, here.oid(person))
    return failed.value


async def test_exchange(here: Tenant) -> None:
    """The person's token is exchanged for a Graph token of the same person with only the needed permission."""
    token = await here.sign_in().on_behalf_of(here.assertion("alex"), here.oid("alex"))
    claims = here.key.verify(token.text, GRAPH)
    assert (claims["oid"], claims["scp"]) == (here.oid("alex"), "DeviceManagementRBAC.Read.All")
    assert token.account == here.oid("alex")
    [grant] = here.entra.grants
    assert "offline_access" not in grant.scope


async def test_audience_by_address(here: Tenant) -> None:
    """A token for the application's `api://` address is accepted like one for its id."""
    assertion = here.assertion("alex", aud=here.app.identifier_uri)
    token = await here.sign_in().on_behalf_of(assertion, here.oid("alex"))
    assert token.account == here.oid("alex")


NOW = int(wall_time().timestamp())


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"aud": GRAPH}, SignInTrouble.INVALID),
        ({"iss": "https://login.microsoftonline.com/another/v2.0"}, SignInTrouble.INVALID),
        ({"exp": NOW - HOUR, "iat": NOW - 2 * HOUR, "nbf": NOW - 2 * HOUR}, SignInTrouble.EXPIRED),
        ({"nbf": NOW + HOUR}, SignInTrouble.INVALID),
        ({"idtyp": "app"}, SignInTrouble.INVALID),
        ({"scp": ""}, SignInTrouble.INVALID),
        ({"tid": "another-tenant"}, SignInTrouble.OTHER_PERSON),
        ({"oid": "somebody-else"}, SignInTrouble.OTHER_PERSON),
    ],
)
async def test_bad_claims(here: Tenant, claims: dict[str, object], expected: SignInTrouble) -> None:
    """A signed token with a wrong claim is refused without asking Entra."""
    assert (await trouble(here, here.assertion("alex", **claims))).trouble is expected
    assert not here.entra.grants


async def test_other_clicker(here: Tenant) -> None:
    """A good token of one person is refused for another person."""
    assert (await trouble(here, here.assertion("alex"), "both")).trouble is SignInTrouble.OTHER_PERSON


async def test_application_token(here: Tenant) -> None:
    """A token of an application is refused, even if it names a person."""
    assertion = here.entra.app_token(here.app.app_id, here.app.app_id, oid=here.oid("alex"))
    assert (await trouble(here, assertion)).trouble is SignInTrouble.INVALID


async def test_without_expiry(here: Tenant) -> None:
    """A token without an expiry time is refused."""
    claims = jwt.decode(here.assertion("alex"), options={"verify_signature": False})
    del claims["exp"]
    assert (await trouble(here, here.key.sign(claims))).trouble is SignInTrouble.INVALID


async def test_other_signatures(here: Tenant) -> None:
    """Only RS256 signatures by a key that Entra publishes are accepted."""
    good = here.assertion("alex")
    claims = jwt.decode(good, options={"verify_signature": False})
    kid = {"kid": here.key.kid}
    strangers = SigningKey()
    forged = [
        strangers.sign(claims),
        jwt.encode(claims, secrets.token_hex(32), algorithm="HS256", headers=kid),
        jwt.encode(claims, "", algorithm="none", headers=kid),
        good[: good.rindex(".") + 1] + strangers.sign(claims).rpartition(".")[2],
        "garbage",
        "",
    ]
    for assertion in forged:
        assert (await trouble(here, assertion)).trouble is SignInTrouble.INVALID
    assert not here.entra.grants


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        ({"iss": "https://login.microsoftonline.com/another/v2.0"}, SignInTrouble.INVALID),
        ({"aud": TEAMS_CLIENT}, SignInTrouble.INVALID),
        ({"oid": "somebody-else"}, SignInTrouble.OTHER_PERSON),
        ({"tid": "another-tenant"}, SignInTrouble.OTHER_PERSON),
    ],
)
async def test_id_token(here: Tenant, difference: dict[str, str], expected: SignInTrouble) -> None:
    """An id token must be for this tenant, this application and this person; an empty one is refused."""
    tokens, alex = here.tokens(), here.oid("alex")
    claims = {"iss": f"{here.entra.authority}/v2.0", "aud": here.app.app_id, "oid": alex, "tid": here.world.tenant_id}
    tokens.check_id_token(claims, alex)
    for bad in (claims | difference, {}):
        with pytest.raises(SignInFailed) as failed:
            tokens.check_id_token(bad, alex)
        assert failed.value.trouble is (expected if bad else SignInTrouble.INVALID)


async def test_result_can_only_refuse(here: Tenant) -> None:
    """A Graph token that cannot be read is accepted, and one that names another person in either part is refused."""
    tokens, alex = here.tokens(), here.oid("alex")
    tokens.check_result(TokenAnswer(token="opaque"), alex)
    tokens.check_result(TokenAnswer(token=here.assertion("alex")), alex)
    stranger = TokenAnswer(token=here.assertion("both"))
    mixed = TokenAnswer(token=here.assertion("alex"), id_claims={"oid": here.oid("both"), "tid": here.world.tenant_id})
    for answer in (stranger, mixed):
        with pytest.raises(SignInFailed):
            tokens.check_result(answer, alex)


# --- refusals by Entra --------------------------------------------------------------------------------------------


async def test_no_consent(here: Tenant) -> None:
    """Missing consent is reported as such."""
    here.app.consented = False
    assert (await trouble(here, here.assertion("alex"))).trouble is SignInTrouble.NO_CONSENT


async def test_more_proof(here: Tenant) -> None:
    """If Entra demands a second factor, the error has the claims for the sign-in page."""
    here.entra.faults.second_factor.add(here.oid("alex"))
    failed = await trouble(here, here.assertion("alex"))
    assert failed.trouble is SignInTrouble.MORE_PROOF
    assert json.loads(failed.claims) == SECOND_FACTOR


async def test_blocked(here: Tenant) -> None:
    """A block by Conditional Access is reported as such."""
    here.entra.faults.blocked.add(here.oid("alex"))
    assert (await trouble(here, here.assertion("alex"))).trouble is SignInTrouble.BLOCKED


async def test_mistaken_identity(here: Tenant) -> None:
    """A Graph token for another person is not used."""
    here.entra.faults.mistaken[here.oid("alex")] = here.oid("both")
    assert (await trouble(here, here.assertion("alex"))).trouble is SignInTrouble.OTHER_PERSON


async def test_wrong_secret(here: Tenant) -> None:
    """A wrong secret of the application is reported as invalid, and not as the person's mistake."""
    sign_in = here.sign_in(credential=with_secret(here.credential, "wrong"))
    with pytest.raises(SignInFailed, match="invalid_client AADSTS7000215") as failed:
        await sign_in.on_behalf_of(here.assertion("alex"), here.oid("alex"))
    assert failed.value.trouble is SignInTrouble.INVALID


async def test_outage(here: Tenant) -> None:
    """A 5xx of Entra raises `Unavailable`."""
    here.entra.faults.outages = 100
    with pytest.raises(Unavailable):
        await here.sign_in().on_behalf_of(here.assertion("alex"), here.oid("alex"))


async def test_tokens_show_nowhere(here: Tenant) -> None:
    """No log line, error or stored value holds the person's token or the new token."""
    assertion = here.assertion("alex")
    with capture_logs() as lines:
        token = await here.sign_in().on_behalf_of(assertion, here.oid("alex"))
        here.entra.faults.blocked.add(here.oid("alex"))
        failed = await trouble(here, assertion)
        here.entra.faults.outages = 100
        with pytest.raises(Unavailable) as away:
            await here.sign_in().on_behalf_of(assertion, here.oid("alex"))
    everything = repr((lines, token, failed, failed.__cause__, away.value, away.value.__cause__, here.nonces.ever))
    assert lines
    assert assertion not in everything
    assert token.text not in everything


# --- Entra's keys -------------------------------------------------------------------------------------------------


async def test_keys_roll_over(here: Tenant) -> None:
    """A key that Entra publishes later is found, with a read every few minutes at most."""
    tokens, alex = here.tokens(), here.oid("alex")
    await tokens.check_assertion(here.assertion("alex"), alex)
    new = SigningKey()
    claims = jwt.decode(here.assertion("alex"), options={"verify_signature": False})
    here.entra._minter.key = new
    with pytest.raises(SignInFailed):
        await tokens.check_assertion(new.sign(claims), alex)
    here.time.now += RETRY_SECONDS
    await tokens.check_assertion(new.sign(claims), alex)
    with pytest.raises(SignInFailed):
        await tokens.check_assertion(here.key.sign(claims), alex)


async def test_page_address(here: Tenant) -> None:
    """The address of the sign-in page is ours, and holds a fresh nonce and nothing else."""
    sign_in = here.sign_in("https://bot.example/")
    first = await sign_in.page_for("request-1", here.oid("alex"), "finish", '{"a":1}')
    second = await sign_in.page_for("request-1", here.oid("alex"), "finish")
    assert first != second
    assert all(page.startswith("https://bot.example/signin/") for page in (first, second))
    purpose = here.nonces.kept[first.rpartition("/")[2]]
    assert purpose == {
        "request_id": "request-1",
        "person": here.oid("alex"),
        "verb": "finish",
        "claims": '{"a":1}',
        "context": "",
        "fingerprint": "",
    }
