"""Entra for a service that acts for a person: the on-behalf-of exchange, as the real msal makes it."""

from typing import Any

import aiohttp
import jwt
import pytest

from simulator.entra import GRAPH, Entra
from simulator.keys import SigningKey
from simulator.story import SIGN_IN, WORKER
from simulator.world import World
from tests.simulator.loopback import READ, TEAMS_CLIENT, Msal, claims_of, teams_token


async def test_on_behalf_of(msal_client: Msal, entra: Entra, world: World, entra_key: SigningKey) -> None:
    """Teams' token for the sign-in application becomes a Graph token of the same person."""
    answer = await msal_client.call(
        world.application(SIGN_IN), "acquire_token_on_behalf_of", teams_token(entra, world), [f"{GRAPH}/{READ}"]
    )
    claims = claims_of(answer, entra_key, GRAPH)
    assert (claims["oid"], claims["scp"]) == (world.user("dana").id, READ)
    assert [(grant.kind.rpartition(":")[2], grant.user_id) for grant in entra.grants] == [
        ("jwt-bearer", world.user("dana").id)
    ]


async def test_on_behalf_of_by_identifier_uri(msal_client: Msal, entra: Entra, world: World) -> None:
    """A token whose audience is the application's URI, as v1 tokens have it, is accepted as well."""
    app = world.application(SIGN_IN)
    token = entra.user_token(world.user("dana").id, app.identifier_uri, TEAMS_CLIENT, ["access_as_user"])
    assert "access_token" in await msal_client.call(app, "acquire_token_on_behalf_of", token, [f"{GRAPH}/.default"])


@pytest.mark.parametrize(
    ("claims", "code"),
    [({"aud": GRAPH}, 50013), ({"exp": 1}, 500133)],
    ids=["another audience", "expired"],
)
async def test_on_behalf_of_checks_theteams_token(
    msal_client: Msal, entra: Entra, world: World, claims: dict[str, Any], code: int
) -> None:
    """A token for another audience, or an expired one, is refused."""
    token = teams_token(entra, world, **claims)
    answer = await msal_client.call(
        world.application(SIGN_IN), "acquire_token_on_behalf_of", token, [f"{GRAPH}/{READ}"]
    )
    assert answer["error_codes"] == [code]


async def test_on_behalf_of_checks_the_signature(msal_client: Msal, entra: Entra, world: World) -> None:
    """A token with the right content but signed by another key is refused."""
    claims = jwt.decode(teams_token(entra, world), options={"verify_signature": False})
    forged = SigningKey().sign(claims)
    answer = await msal_client.call(
        world.application(SIGN_IN), "acquire_token_on_behalf_of", forged, [f"{GRAPH}/{READ}"]
    )
    assert answer["error_codes"] == [50013]


async def test_on_behalf_of_says_so(entra: Entra, world: World, browser: aiohttp.ClientSession) -> None:
    """Without requested_token_use the exchange is refused."""
    app = world.application(SIGN_IN)
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "client_id": app.app_id,
        "client_secret": app.secret,
        "assertion": teams_token(entra, world),
        "scope": f"{GRAPH}/{READ}",
    }
    for more, status in (({}, 400), ({"requested_token_use": "on_behalf_of"}, 200)):
        async with browser.post(f"{entra.authority}/oauth2/v2.0/token", data=form | more) as response:
            assert response.status == status


async def test_on_behalf_of_an_application_is_refused(msal_client: Msal, entra: Entra, world: World) -> None:
    """A token of an application is refused, because a service can act only for a person."""
    token = entra.app_token(world.application(WORKER).app_id, world.application(SIGN_IN).app_id)
    answer = await msal_client.call(
        world.application(SIGN_IN), "acquire_token_on_behalf_of", token, [f"{GRAPH}/{READ}"]
    )
    assert answer["error_codes"] == [7000114]


async def test_scope_without_consent_is_refused(msal_client: Msal, entra: Entra, world: World) -> None:
    """A permission that nobody granted is refused."""
    app = world.application(SIGN_IN)
    answer = await msal_client.call(
        app, "acquire_token_on_behalf_of", teams_token(entra, world), [f"{GRAPH}/Mail.Send"]
    )
    assert (answer["error"], answer["error_codes"]) == ("invalid_grant", [65001])


async def test_application_without_consent_is_refused(msal_client: Msal, entra: Entra, world: World) -> None:
    """An application without consent gets no token at all."""
    app = world.application(SIGN_IN)
    app.consented = False
    token = teams_token(entra, world)
    answer = await msal_client.call(app, "acquire_token_on_behalf_of", token, [f"{GRAPH}/{READ}"])
    assert (answer["suberror"], answer["error_codes"]) == ("consent_required", [65001])


async def test_disabled_account(msal_client: Msal, entra: Entra, world: World) -> None:
    """An earlier token of a disabled account is refused."""
    token = teams_token(entra, world, "dora")
    answer = await msal_client.call(
        world.application(SIGN_IN), "acquire_token_on_behalf_of", token, [f"{GRAPH}/{READ}"]
    )
    assert answer["error_codes"] == [50057]


async def test_tokens_of_the_wrong_person(msal_client: Msal, entra: Entra, world: World, entra_key: SigningKey) -> None:
    """This fault gives Dana a token of Sam; a careful client notices it by the oid."""
    entra.faults.mistaken[world.user("dana").id] = world.user("sam").id
    app = world.application(SIGN_IN)
    answer = await msal_client.call(app, "acquire_token_on_behalf_of", teams_token(entra, world), [f"{GRAPH}/{READ}"])
    assert claims_of(answer, entra_key, GRAPH)["oid"] == world.user("sam").id
