"""Faults of calls: each does exactly what it says, as often as it says."""

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
    """Return the id of Rita's request to wipe PC-1."""
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
    """A call that is refused before it is applied does nothing, and the next try succeeds."""
    _on_approve(tenant, kind)
    refused = await tenant.decide("approve", wipe, "dana")
    assert (refused.status, refused.headers.get("Retry-After")) == (status, retry_after)
    assert tenant.graph.decisions(wipe) == []
    assert (await tenant.decide("approve", wipe, "dana")).status == 200


async def test_fault_strikes_only_what_it_matches(tenant: Tenant, wipe: str) -> None:
    """A fault affects only the calls that match its method and path, and only as often as asked."""
    _on_approve(tenant, Kind.UNAVAILABLE, times=2)
    assert (await tenant.get(f"{REQUESTS}/{wipe}")).status == 200
    statuses = [(await tenant.decide("approve", wipe, "dana")).status for _ in range(3)]
    assert statuses == [503, 503, 200]


async def test_timeout_after_the_write(tenant: Tenant, wipe: str) -> None:
    """After a timeout the answer is 504, although the request is approved."""
    _on_approve(tenant, Kind.TIMEOUT_AFTER)
    assert (await tenant.decide("approve", wipe, "dana")).status == 504
    assert len(tenant.graph.decisions(wipe)) == 1


@pytest.mark.parametrize(("kind", "decisions"), [(Kind.LOST_REQUEST, 0), (Kind.LOST_ANSWER, 1)])
async def test_cut_connections(tenant: Tenant, wipe: str, kind: Kind, decisions: int) -> None:
    """A lost request and a lost answer look the same to the client: there is no answer."""
    _on_approve(tenant, kind)
    with pytest.raises(aiohttp.ClientError):
        await tenant.decide("approve", wipe, "dana")
    assert len(tenant.graph.decisions(wipe)) == decisions
    assert tenant.graph.calls[-1].status == 0


async def test_delivered_twice(tenant: Tenant, wipe: str) -> None:
    """If a call is delivered twice, the second delivery meets the result of the first."""
    _on_approve(tenant, Kind.DELIVERED_TWICE)
    assert (await tenant.decide("approve", wipe, "dana")).status == 409
    assert len(tenant.graph.decisions(wipe)) == 1


@pytest.mark.parametrize(("kind", "decisions"), [(Kind.SLOW, 1), (Kind.HELD, 0)])
async def test_slow_calls(tenant: Tenant, wipe: str, kind: Kind, decisions: int) -> None:
    """A slow call is held until the test releases it, after the write or before it."""
    fault = _on_approve(tenant, kind)
    call = asyncio.create_task(tenant.decide("approve", wipe, "dana"))
    _, waiting = await asyncio.wait([call], timeout=0.2)
    assert waiting
    assert len(tenant.graph.decisions(wipe)) == decisions
    fault.event.set()
    assert (await call).status == 200


async def test_claims_challenge(tenant: Tenant, wipe: str) -> None:
    """A client that declared CP1 gets claims to take to Entra; any other client is only refused."""
    _on_approve(tenant, Kind.CHALLENGED, times=2)
    challenged = await tenant.decide("approve", wipe, "dana", xms_cc=["CP1"])
    header = challenged.headers["WWW-Authenticate"]
    assert (challenged.status, 'error="insufficient_claims"' in header) == (401, True)
    claims = json.loads(base64.b64decode(header.split('claims="')[1].rstrip('"')))
    assert claims["access_token"]["nbf"]["essential"]
    plain = await tenant.decide("approve", wipe, "dana")
    assert (plain.status, plain.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_filing_whose_answer_is_lost(tenant: Tenant) -> None:
    """After a lost answer the request exists, and filing again conflicts with it."""
    tenant.graph.faults.append(Fault(Kind.LOST_ANSWER, "/wipe$"))
    with pytest.raises(aiohttp.ClientError):
        await tenant.file_wipe()
    assert len((await tenant.get(REQUESTS)).rows) == 1
    assert (await tenant.file_wipe()).status == 409


async def test_filing_is_recorded(tenant: Tenant) -> None:
    """`calls` records method, path, caller, body and status of each call."""
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
    """Without a token of this tenant's Entra nothing can be read."""
    async with tenant.session.get(tenant.origin + REQUESTS, headers=bearer) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize("claims", [{"aud": "api://other"}, {"exp": 1}, {"tid": "another"}])
async def test_token_is_checked(tenant: Tenant, claims: dict[str, object]) -> None:
    """Audience, lifetime and tenant of a token are checked."""
    bearer = tenant.bearer(WORKER, **claims)
    assert (await tenant.call("GET", REQUESTS, bearer=bearer)).status == 401


async def test_token_names_a_known_application(tenant: Tenant) -> None:
    """The token of a deleted application is refused."""
    bearer = tenant.bearer(WORKER)
    del tenant.world.applications[tenant.world.application(WORKER).app_id]
    assert (await tenant.call("GET", REQUESTS, bearer=bearer)).status == 401


async def test_client_request_id_returns(tenant: Tenant) -> None:
    """The headers of an answer have both ids by which a call can be traced."""
    answer = await tenant.call("GET", REQUESTS, headers={"client-request-id": "abc"})
    assert answer.headers["client-request-id"] == "abc"
    assert answer.headers["request-id"]
