"""Reading requests: what a row shows, how it ages, and which requests belong to the caller."""

from datetime import timedelta
from typing import Any

import pytest

from simulator.portal import Refused
from simulator.story import PIPELINE, WORKER
from tests.simulator.loopback import REQUESTS, Tenant

DAY = timedelta(days=1)
EXTRA = {"payloadName", "payloadType", "payloadOperation", "payloadId", "actionName", "displayPayload"}


@pytest.fixture
def wipe(tenant: Tenant) -> str:
    """Return the id of Rita's request to wipe PC-1."""
    return tenant.portal.file_wipe("rita", "PC-1", "stolen", keepUserData=False)


async def _row(tenant: Tenant, request_id: str, who: str = WORKER, **headers: str) -> dict[str, Any]:
    row: dict[str, Any] = (await tenant.call("GET", f"{REQUESTS}/{request_id}", who, headers=headers)).body
    return row


async def test_a_pending_wipe(tenant: Tenant, wipe: str) -> None:
    """The row says who wants what on which object, and until when."""
    row = await _row(tenant, wipe)
    device = tenant.world.device("PC-1")
    assert row | {"displayPayload": "", "@odata.context": ""} == {
        "@odata.context": "",
        "id": wipe,
        "requestDateTime": "2026-11-23T08:00:00.0000000Z",
        "expirationDateTime": "2026-11-26T08:00:00Z",
        "lastModifiedDateTime": "2026-11-23T08:00:00.0000000Z",
        "requestor": {
            "application": None,
            "device": None,
            "user": {
                "id": tenant.world.user("rita").id,
                "displayName": "Rita Rossi",
                "upn": tenant.world.user("rita").upn,
            },
        },
        "approver": None,
        "status": "needsApproval",
        "requestJustification": "stolen",
        "approvalJustification": None,
        "requiredOperationApprovalPolicyTypes": ["deviceWipe"],
        "payloadType": "Microsoft.Management.Services.Api.ManagedDevice",
        "payloadOperation": "Action",
        "payloadId": device["id"],
        "payloadName": "PC-1",
        "actionName": "wipe",
        "actionParameters": '{"keepUserData": false}',
        "displayPayload": "",
    }


async def test_extra_fields_can_be_missing(tenant: Tenant, wipe: str) -> None:
    """Without the undocumented properties a row does not say what is pending."""
    assert set(await _row(tenant, wipe)) >= EXTRA
    tenant.graph.knobs.extra_fields = False
    assert not EXTRA & set(await _row(tenant, wipe))


@pytest.mark.parametrize(
    ("sets", "person", "pipeline"),
    [("full", True, True), ("app_only", False, True), ("null", False, False)],
)
async def test_identity_sets(tenant: Tenant, wipe: str, sets: Any, person: bool, pipeline: bool) -> None:
    """The knob covers each of the ways in which Intune is reported to name people and applications."""
    tenant.graph.knobs.identity_sets = sets
    by_app = (await _row(tenant, tenant.portal.file_wipe(PIPELINE, "PC-2", "rollout")))["requestor"] or {}
    by_person = (await _row(tenant, wipe))["requestor"] or {}
    assert (by_person.get("user") is not None, by_app.get("application") is not None) == (person, pipeline)


async def test_casing_of_the_upn(tenant: Tenant, wipe: str) -> None:
    """The key of the user principal name can be spelled in another way, because the real spelling is unknown."""
    tenant.graph.knobs.upn_key = "Upn"
    assert (await _row(tenant, wipe))["requestor"]["user"]["Upn"] == "rita@company.onmicrosoft.com"


async def test_invented_members(tenant: Tenant, wipe: str) -> None:
    """A row can show a status and a policy type that no client knows."""
    tenant.graph.knobs.shown_status[wipe] = "inReview"
    tenant.graph.knobs.shown_policy_types[wipe] = ["deviceTeleport"]
    row = await _row(tenant, wipe, Prefer="include-unknown-enum-members")
    assert (row["status"], row["requiredOperationApprovalPolicyTypes"]) == ("inReview", ["deviceTeleport"])
    assert (await tenant.get(REQUESTS, filter="status eq 'needsApproval'")).rows == []


async def test_new_members_are_named_on_demand(tenant: Tenant) -> None:
    """A newer policy type is named only with the Prefer header."""
    request = tenant.portal.file_compliance("rita", "Windows baseline", {"passwordRequired": False}, "kiosk")
    key = "requiredOperationApprovalPolicyTypes"
    assert (await _row(tenant, request))[key] == ["unknownFutureValue"]
    assert (await _row(tenant, request, Prefer="include-unknown-enum-members"))[key] == ["compliancePolicy"]


async def test_expiry(tenant: Tenant, wipe: str) -> None:
    """An expired request shows its status, and can be neither decided nor completed."""
    tenant.portal.approve("dana", wipe)
    tenant.clock.advance(3 * DAY - timedelta(seconds=1))
    assert (await _row(tenant, wipe))["status"] == "approved"
    tenant.clock.advance(timedelta(seconds=1))
    row = await _row(tenant, wipe)
    assert (row["status"], row["lastModifiedDateTime"]) == ("expired", "2026-11-26T08:00:00.0000000Z")
    assert (await tenant.decide("cancelApproval", wipe, "dana")).status == 400
    with pytest.raises(Refused, match="403"):
        tenant.portal.complete("rita", wipe)


async def test_expired_request_cannot_be_approved(tenant: Tenant, wipe: str) -> None:
    """Deciding an expired request is refused with the error for expired ones, not for unknown ones."""
    tenant.graph.knobs.expiry = timedelta(hours=1)
    short = tenant.portal.file_wipe("rita", "PC-2", "stolen")
    tenant.clock.advance(timedelta(hours=1))
    assert (await tenant.decide("approve", short, "dana")).error[0] == 400
    assert (await tenant.decide("approve", wipe, "dana")).status == 200


async def test_old_requests_disappear(tenant: Tenant, wipe: str) -> None:
    """A request disappears thirty days after its last change."""
    tenant.portal.cancel("rita", wipe)
    tenant.clock.advance(30 * DAY)
    assert (await _row(tenant, wipe))["status"] == "cancelled"
    tenant.clock.advance(timedelta(seconds=1))
    assert (await tenant.get(f"{REQUESTS}/{wipe}")).status == 404
    assert (await tenant.get(REQUESTS)).rows == []


async def test_expired_request_unlocks_its_object(tenant: Tenant, wipe: str) -> None:
    """After a request has expired, a new one can be filed for its device."""
    tenant.clock.advance(3 * DAY)
    assert tenant.portal.file_wipe("rita", "PC-1", "still stolen") != wipe


async def test_requests_may_be_hidden_from_applications(tenant: Tenant, wipe: str) -> None:
    """A request that is hidden from an application answers 404."""
    tenant.graph.knobs.hidden_from_apps.add(wipe)
    assert (await tenant.get(f"{REQUESTS}/{wipe}", WORKER)).status == 404
    assert (await tenant.get(f"{REQUESTS}/{wipe}", "sam")).status == 200


async def test_cancelling_ones_own(tenant: Tenant, wipe: str) -> None:
    """Only the requestor can cancel, and only while the request waits; the id is in the body."""
    path, body = f"{REQUESTS}/cancelMyRequest", {"id": wipe}
    assert (await tenant.call("POST", path, "dana", body)).status == 404
    assert (await tenant.call("POST", path, "rita", body)).status == 204
    assert (await tenant.call("POST", path, "rita", body)).status == 409
    assert tenant.graph.request(wipe).status == "cancelled"


async def test_cancelling_in_the_wrong_way(tenant: Tenant, wipe: str) -> None:
    """An id in the path has no route, and a missing body is named in the error."""
    in_path = await tenant.call("POST", f"{REQUESTS}/{wipe}/cancelMyRequest", "rita", {})
    assert in_path.error[::2] == (400, "No method match route template")
    empty = await tenant.call("POST", f"{REQUESTS}/cancelMyRequest", "rita")
    assert empty.error[::2] == (400, "Empty Payload. JSON content expected.")


async def test_my_requests(tenant: Tenant, wipe: str) -> None:
    """Everybody sees only their own requests there."""
    by_app = tenant.portal.file_wipe(PIPELINE, "PC-2", "rollout")
    mine = f"{REQUESTS}/retrieveMyRequests()"
    assert [row["id"] for row in (await tenant.get(mine, "rita")).rows] == [wipe]
    one = f"{REQUESTS}/retrieveMyRequestById(id='{wipe}')"
    assert (await tenant.get(one, "rita")).body["id"] == wipe
    assert (await tenant.get(one, "dana")).status == 404
    assert by_app in {row["id"] for row in (await tenant.get(REQUESTS, "dana")).rows}


@pytest.mark.parametrize("wrapped", [True, False])
async def test_status_of_an_object(tenant: Tenant, wipe: str, wrapped: bool) -> None:
    """The full type name finds the request of an object; a short one gives an id of no request."""
    tenant.graph.knobs.wrapped_status = wrapped
    device = tenant.world.device("PC-1")["id"]

    async def ask(kind: str) -> dict[str, Any]:
        body = {"entityId": device, "entityType": kind}
        answer = await tenant.call("POST", f"{REQUESTS}/retrieveRequestStatus", body=body)
        return dict(answer.body["value"] if wrapped else answer.body)

    found = await ask("Microsoft.Management.Services.Api.ManagedDevice")
    assert (found["requestId"], found["entityLocked"]) == (wipe, True)
    astray = await ask("ManagedDevice")
    assert (await tenant.get(f"{REQUESTS}/{astray['requestId']}")).status == 404


async def test_beta_only(tenant: Tenant) -> None:
    """`operationApprovalRequests` does not exist in v1.0 of Graph, only in beta."""
    refused = await tenant.get(REQUESTS.replace("/beta/", "/v1.0/"))
    message = "Resource not found for the segment 'operationApprovalRequests'."
    assert refused.error == (400, "BadRequest", message)


async def test_reading_needs_a_permission(tenant: Tenant) -> None:
    """An application without the permission cannot read requests."""
    tenant.world.application(WORKER).roles.clear()
    assert (await tenant.get(REQUESTS)).error[:2] == (403, "Authorization_RequestDenied")
