"""The steps of a protected write in every reported form: refused, filed, approved, completed."""

import json
from typing import Any

import pytest

from simulator.graph.gate import CODE
from simulator.story import ACTOR, PIPELINE
from tests.simulator.loopback import DEVICES, REQUESTS, Reply, Tenant, justified


async def _wipe(tenant: Tenant, headers: dict[str, str], who: str = PIPELINE, body: Any = None) -> Reply:
    path = f"{DEVICES}/{tenant.world.device('PC-1')['id']}/wipe"
    return await tenant.call("POST", path, who, body or {"keepUserData": False}, headers=headers)


async def test_write_without_justification_names_the_header(tenant: Tenant) -> None:
    """Without a justification nothing is filed and nothing happens; the message names the missing header."""
    status, code, message = (await _wipe(tenant, {})).error
    assert (status, code) == (400, "BadRequest")
    assert "x-msft-approval-justification" in message
    assert (await tenant.get(REQUESTS)).rows == []


@pytest.mark.parametrize(
    ("header", "message"),
    [("not base64!", "must be a valid base64"), (justified("x" * 1025).popitem()[1], "no greater than 1024")],
)
async def test_bad_justification_files_nothing(tenant: Tenant, header: str, message: str) -> None:
    """A justification that is not base64, or is longer than 1024 characters, is refused."""
    refused = await _wipe(tenant, {"x-msft-approval-justification": header})
    assert refused.status == 400
    assert message in refused.error[2]
    assert (await tenant.get(REQUESTS)).rows == []


async def test_justification_counts_characters_not_bytes(tenant: Tenant) -> None:
    """A justification may have 1024 characters, even of two bytes each."""
    assert (await _wipe(tenant, justified("ä" * 1024))).status == 412


@pytest.mark.parametrize(
    ("profile", "expected"), [("observed", (412, "BadRequest")), ("docs-2026-05", (403, "ApprovalRequired"))]
)
@pytest.mark.parametrize("nested", [False, True])
async def test_filing_hands_out_the_code(tenant: Tenant, profile: Any, expected: tuple[int, str], nested: bool) -> None:
    """The answer to a filing call is an error that means "filed", with the code in a header and in the message."""
    tenant.graph.knobs.profile, tenant.graph.knobs.nested = profile, nested
    filed = await tenant.file_wipe()
    code = filed.headers[CODE]
    assert filed.error[:2] == expected
    assert f"{CODE}: {code}" in filed.error[2]
    if nested:
        assert json.loads(json.loads(filed.error[2])["HttpHeaders"]) == {CODE: code}
    (row,) = (await tenant.get(REQUESTS)).rows
    assert (row["id"], row["status"], row["requestJustification"]) == (code, "needsApproval", "stolen")


async def test_code_may_come_in_the_message_only(tenant: Tenant) -> None:
    """If the header is left out, the message still has the code."""
    tenant.graph.knobs.code_header = False
    filed = await tenant.file_wipe()
    assert CODE not in filed.headers
    assert f"{CODE}: " in filed.error[2]


async def test_second_filing_for_the_same_object_conflicts(tenant: Tenant) -> None:
    """An object has one open request at most; the refusal of a second one has no code."""
    await tenant.file_wipe()
    again = await _wipe(tenant, justified("me too"), ACTOR)
    assert again.error[0] == 409
    assert CODE not in again.headers


@pytest.mark.parametrize("profile", ["observed", "docs-2026-05"])
@pytest.mark.parametrize("nested", [False, True])
async def test_the_whole_way(tenant: Tenant, profile: Any, nested: bool) -> None:
    """A wipe is filed, approved and completed, and only the completion changes the device."""
    tenant.graph.knobs.profile, tenant.graph.knobs.nested = profile, nested
    code = (await tenant.file_wipe()).headers[CODE]
    assert (await tenant.decide("approve", code, "dana")).status == 200
    assert tenant.world.device("PC-1")["deviceActionResults"] == []
    assert (await _wipe(tenant, {CODE: code})).status == 204
    assert tenant.world.device("PC-1")["deviceActionResults"][0]["actionName"] == "wipe"
    assert (await tenant.get(f"{REQUESTS}/{code}")).body["status"] == "completed"


@pytest.mark.parametrize(
    "attempt",
    [
        {"who": ACTOR},
        {"body": {"keepUserData": True}},
        {"headers": {CODE: "00000000-0000-4000-8000-000000000000"}},
    ],
    ids=["another identity", "another body", "another code"],
)
async def test_completion_must_repeat_what_was_filed(tenant: Tenant, attempt: dict[str, Any]) -> None:
    """A completion that differs from the filed call is refused, and changes neither the device nor the request."""
    code = (await tenant.file_wipe()).headers[CODE]
    await tenant.decide("approve", code, "dana")
    refused = await _wipe(tenant, **({"headers": {CODE: code}} | attempt))
    assert refused.error == (403, "Forbidden", "An error has occurred")
    assert tenant.world.device("PC-1")["deviceActionResults"] == []
    assert tenant.graph.request(code).status == "approved"


async def test_completion_on_another_object_is_refused(tenant: Tenant) -> None:
    """An approval for one device does not complete a call on another."""
    code = (await tenant.file_wipe()).headers[CODE]
    await tenant.decide("approve", code, "dana")
    path = f"{DEVICES}/{tenant.world.device('PC-2')['id']}/wipe"
    refused = await tenant.call("POST", path, PIPELINE, {"keepUserData": False}, headers={CODE: code})
    assert refused.status == 403


async def test_completion_works_once(tenant: Tenant) -> None:
    """A code works for one completion only."""
    code = (await tenant.file_wipe()).headers[CODE]
    await tenant.decide("approve", code, "dana")
    assert [(await _wipe(tenant, {CODE: code})).status for _ in range(2)] == [204, 403]
    assert len(tenant.world.device("PC-1")["deviceActionResults"]) == 1


@pytest.mark.parametrize("status", [403, 409])
async def test_completion_before_approval(tenant: Tenant, status: Any) -> None:
    """A completion before the approval is refused, with either of the statuses that were seen."""
    tenant.graph.knobs.early_completion = status
    code = (await tenant.file_wipe()).headers[CODE]
    assert (await _wipe(tenant, {CODE: code})).status == status


async def test_code_must_be_a_raw_guid(tenant: Tenant) -> None:
    """A code in base64 is refused."""
    refused = await _wipe(tenant, {CODE: "ZGVhZGJlZWY="})
    assert refused.error[::2] == (400, "Invalid approval header format, expected GUID format")


async def test_both_headers_are_a_new_filing(tenant: Tenant) -> None:
    """A justification beside the code is a new filing, which conflicts with the first request."""
    code = (await tenant.file_wipe()).headers[CODE]
    await tenant.decide("approve", code, "dana")
    assert (await _wipe(tenant, {CODE: code} | justified("again"))).status == 409


@pytest.mark.parametrize("why", ["no policy", "excluded", "other platform"])
async def test_ungated_write_happens_at_once(tenant: Tenant, why: str) -> None:
    """If no policy covers the call, it is carried out at once, and the header is ignored."""
    (policy,) = [policy for policy in tenant.world.policies.values() if policy.policy_type == "deviceWipe"]
    if why == "no policy":
        policy.active = False
    elif why == "excluded":
        policy.excluded_app_ids.add(tenant.world.application(PIPELINE).app_id)
    else:
        policy.platform = "macOS"
    assert (await tenant.file_wipe()).status == 204
    assert tenant.world.device("PC-1")["deviceActionResults"]
    assert (await tenant.get(REQUESTS)).rows == []


async def test_exclusion_never_covers_a_person(tenant: Tenant) -> None:
    """A person always needs an approval, whatever application they use."""
    (policy,) = [policy for policy in tenant.world.policies.values() if policy.policy_type == "deviceWipe"]
    policy.excluded_app_ids |= set(tenant.world.applications)
    path = f"{DEVICES}/{tenant.world.device('PC-1')['id']}/wipe"
    bearer = tenant.bearer("rita", "DeviceManagementManagedDevices.PrivilegedOperations.All")
    assert (await tenant.call("POST", path, headers=justified("lost"), bearer=bearer)).status == 412


async def test_reading_is_never_gated(tenant: Tenant) -> None:
    """Reading needs no approval."""
    assert (await tenant.get(f"{DEVICES}/{tenant.world.device('PC-1')['id']}")).status == 200
