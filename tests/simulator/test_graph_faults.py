"""What goes wrong on the way: each fault does exactly what it says, as often as it says."""

import asyncio
import base64
import json

import aiohttp
import pytest

from simulator.graph import Fault, Kind
from simulator.graph.gate import CODE
from simulator.story import PIPELINE, WORKER
from tests.simulator.loopback import REQUESTS, Tenant


@pytest.fixture
def wipe(tenant: Tenant) -> str:
    """Rita asks to wipe PC-1."""
    return tenant.portal.file_wipe("rita", "PC-1", "stolen")


def _on_approve(tenant: Tenant, kind: Kind, times: int = 1) -> Fault:
    fault = Fault(kind, r"/approve$", "POST", times)
    tenant.graph.faults.append(fault)
    return fault


@pytest.mark.parametrize(
    ("kind", "status", "retry_after"),
    [(Kind.THROTTLED, 429, "1"), (Kind.THROTTLED_SILENTLY, 429, None), (Kind.UNAVAILABLE, 503, None)],
)
async def test_refused_before_it_is_applied(
    tenant: Tenant, wipe: str, kind: Kind, status: int, retry_after: str | None
) -> None:
    """Nothing happened; the next try goes through."""
    _on_approve(tenant, kind)
    refused = await tenant.decide("approve", wipe, "dana")
    assert (refused.status, refused.headers.get("Retry-After")) == (status, retry_after)
    assert tenant.graph.decisions(wipe) == []
    assert (await tenant.decide("approve", wipe, "dana")).status == 200


async def test_fault_strikes_only_what_it_matches(tenant: Tenant, wipe: str) -> None:
    """By method and path, and no more often than asked."""
    _on_approve(tenant, Kind.UNAVAILABLE, times=2)
    assert (await tenant.get(f"{REQUESTS}/{wipe}")).status == 200
    statuses = [(await tenant.decide("approve", wipe, "dana")).status for _ in range(3)]
    assert statuses == [503, 503, 200]


async def test_timeout_after_the_write(tenant: Tenant, wipe: str) -> None:
    """504, and yet it is approved."""
    _on_approve(tenant, Kind.TIMEOUT_AFTER)
    assert (await tenant.decide("approve", wipe, "dana")).status == 504
    assert len(tenant.graph.decisions(wipe)) == 1


@pytest.mark.parametrize(("kind", "decisions"), [(Kind.LOST_REQUEST, 0), (Kind.LOST_ANSWER, 1)])
async def test_cut_connections(tenant: Tenant, wipe: str, kind: Kind, decisions: int) -> None:
    """The client sees the same in both cases: no answer."""
    _on_approve(tenant, kind)
    with pytest.raises(aiohttp.ClientError):
        await tenant.decide("approve", wipe, "dana")
    assert len(tenant.graph.decisions(wipe)) == decisions
    assert tenant.graph.calls[-1].status == 0


async def test_delivered_twice(tenant: Tenant, wipe: str) -> None:
    """The second delivery meets what the first one did."""
    _on_approve(tenant, Kind.DELIVERED_TWICE)
    assert (await tenant.decide("approve", wipe, "dana")).status == 409
    assert len(tenant.graph.decisions(wipe)) == 1


@pytest.mark.parametrize(("kind", "decisions"), [(Kind.SLOW, 1), (Kind.HELD, 0)])
async def test_slow_calls(tenant: Tenant, wipe: str, kind: Kind, decisions: int) -> None:
    """Held back until the test lets go, after the write or before it."""
    fault = _on_approve(tenant, kind)
    call = asyncio.create_task(tenant.decide("approve", wipe, "dana"))
    _, waiting = await asyncio.wait([call], timeout=0.2)
    assert waiting
    assert len(tenant.graph.decisions(wipe)) == decisions
    fault.event.set()
    assert (await call).status == 200


async def test_claims_challenge(tenant: Tenant, wipe: str) -> None:
    """A client that declared CP1 gets claims to take to Entra; any other is just refused."""
    _on_approve(tenant, Kind.CHALLENGED, times=2)
    challenged = await tenant.decide("approve", wipe, "dana", xms_cc=["CP1"])
    header = challenged.headers["WWW-Authenticate"]
    assert (challenged.status, 'error="insufficient_claims"' in header) == (401, True)
    claims = json.loads(base64.b64decode(header.split('claims="')[1].rstrip('"')))
    assert claims["access_token"]["nbf"]["essential"]
    plain = await tenant.decide("approve", wipe, "dana")
    assert (plain.status, plain.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_filing_whose_answer_is_lost(tenant: Tenant) -> None:
    """The request is there although nobody was told its code; filing again finds the lock."""
    tenant.graph.faults.append(Fault(Kind.LOST_ANSWER, "/wipe$"))
    with pytest.raises(aiohttp.ClientError):
        await tenant.file_wipe()
    assert len((await tenant.get(REQUESTS)).rows) == 1
    assert (await tenant.file_wipe()).status == 409


async def test_filing_is_recorded(tenant: Tenant) -> None:
    """`calls` tells method, path, caller, body and status of what came in."""
    filed = await tenant.file_wipe()
    (seen,) = tenant.graph.calls
    assert (seen.method, seen.path.endswith("/wipe"), seen.who, seen.status) == ("POST", True, PIPELINE, 412)
    assert json.loads(seen.body) == {"keepUserData": False}
    assert CODE in filed.headers


@pytest.mark.parametrize(
    "bearer",
    [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer nonsense"}],
    ids=["none", "another scheme", "garbage"],
)
async def test_token_is_required(tenant: Tenant, bearer: dict[str, str]) -> None:
    """Without a token of this tenant's Entra there is nothing to see."""
    async with tenant.session.get(tenant.origin + REQUESTS, headers=bearer) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("claims", [{"aud": "api://other"}, {"exp": 1}, {"tid": "another"}])
async def test_token_is_checked(tenant: Tenant, claims: dict[str, object]) -> None:
    """Audience, lifetime and tenant of a signed token count."""
    bearer = tenant.bearer(WORKER, **claims)
    assert (await tenant.call("GET", REQUESTS, bearer=bearer)).status == 401


async def test_token_names_a_known_application(tenant: Tenant) -> None:
    """A deleted application's token is worth nothing."""
    bearer = tenant.bearer(WORKER)
    del tenant.world.applications[tenant.world.application(WORKER).app_id]
    assert (await tenant.call("GET", REQUESTS, bearer=bearer)).status == 401


async def test_client_request_id_returns(tenant: Tenant) -> None:
    """Both ids by which a call can be traced are in the answer's headers."""
    answer = await tenant.call("GET", REQUESTS, headers={"client-request-id": "abc"})
    assert answer.headers["client-request-id"] == "abc"
    assert answer.headers["request-id"]
