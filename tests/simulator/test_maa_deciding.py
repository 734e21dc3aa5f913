"""Who may approve, reject, and take an approval back; and in which order that is checked."""

from typing import Literal

import pytest

from simulator.story import PIPELINE, WORKER
from tests.simulator.loopback import REQUESTS, Tenant

ACTIONS = ["approve", "reject", "cancelApproval"]


@pytest.fixture
def wipe(tenant: Tenant) -> str:
    """Rita asks to wipe PC-1."""
    return tenant.portal.file_wipe("rita", "PC-1", "stolen")


async def test_approval_is_recorded(tenant: Tenant, wipe: str) -> None:
    """The answer is an opaque string; the request names who approved, why and when."""
    answer = await tenant.decide("approve", wipe, "dana", "called the owner")
    assert isinstance(answer.body["value"], str)
    row = (await tenant.get(f"{REQUESTS}/{wipe}")).body
    assert (row["status"], row["approvalJustification"]) == ("approved", "called the owner")
    assert row["approver"]["user"] == {
        "id": tenant.world.user("dana").id,
        "displayName": "Dana Diaz",
        "upn": "dana@company.onmicrosoft.com",
    }
    (decision,) = tenant.graph.decisions(wipe)
    assert (decision.verdict, decision.by.name, decision.note) == ("approve", "Dana Diaz", "called the owner")


async def test_rejection_is_final(tenant: Tenant, wipe: str) -> None:
    """After a rejection nobody can approve any more."""
    assert (await tenant.decide("reject", wipe, "dana")).status == 200
    assert (await tenant.decide("approve", wipe, "sam")).status == 409
    assert tenant.graph.request(wipe).status == "rejected"


async def test_cancelled_approval(tenant: Tenant, wipe: str) -> None:
    """An approval can be taken back until the change is completed."""
    await tenant.decide("approve", wipe, "dana")
    assert (await tenant.decide("cancelApproval", wipe, "sam")).status == 200
    assert tenant.graph.request(wipe).status == "cancelled"


async def test_cancelled_approval_may_reopen(tenant: Tenant, wipe: str) -> None:
    """With that knob the request waits again, and has no approver."""
    tenant.graph.knobs.after_cancel = "needsApproval"
    await tenant.decide("approve", wipe, "dana")
    await tenant.decide("cancelApproval", wipe, "sam")
    row = (await tenant.get(f"{REQUESTS}/{wipe}")).body
    assert (row["status"], row["approver"]) == ("needsApproval", None)


@pytest.mark.parametrize("action", ACTIONS)
async def test_applications_cannot_decide(tenant: Tenant, wipe: str, action: str) -> None:
    """Whatever its permissions: a decision needs a person."""
    refused = await tenant.decide(action, wipe, WORKER)
    assert refused.error[::2] == (403, "Valid user identity required while Multi Admin Approval is enabled")
    assert tenant.graph.decisions(wipe) == []


async def test_partners_cannot_decide(tenant: Tenant, wipe: str) -> None:
    """A delegated administrator of another tenant counts as no person."""
    refused = await tenant.decide("approve", wipe, "dana", gdap=True)
    assert refused.error[2].startswith("Valid user identity required")


@pytest.mark.parametrize("who", ["rita", "otto", "alex", "gus"])
async def test_only_approvers_of_the_type_decide(tenant: Tenant, wipe: str, who: str) -> None:
    """Not the requestor, no outsider, no approver of another type, no guest."""
    for action in ("approve", "reject"):
        assert (await tenant.decide(action, wipe, who)).status == 403
    assert tenant.graph.decisions(wipe) == []


async def test_requestor_cannot_decide_although_an_approver(tenant: Tenant) -> None:
    """Membership does not help: one's own request is somebody else's business."""
    wipe = tenant.portal.file_wipe("dana", "PC-1", "stolen")
    assert (await tenant.decide("approve", wipe, "dana")).status == 403


async def test_human_behind_an_application_is_not_the_requestor(tenant: Tenant) -> None:
    """Intune compares identities, not people: whoever told the application to file can approve it."""
    wipe = tenant.portal.file_wipe(PIPELINE, "PC-1", "Dana asked for it")
    assert (await tenant.decide("approve", wipe, "dana")).status == 200


@pytest.mark.parametrize(("check", "status"), [("direct", 403), ("transitive", 200)])
async def test_nested_members(tenant: Tenant, wipe: str, check: Literal["direct", "transitive"], status: int) -> None:
    """Nina is in a group inside Security-Team, which by default does not count."""
    tenant.graph.knobs.approver_check = check
    assert (await tenant.decide("approve", wipe, "nina")).status == status


@pytest.mark.parametrize("flaw", ["mail_enabled", "unified", "on_role_assignment", "security_enabled"])
async def test_unfit_groups_are_ignored(tenant: Tenant, wipe: str, flaw: str) -> None:
    """Only a plain security group with an Intune role makes approvers."""
    group = tenant.world.group("Device-Managers")
    setattr(group, flaw, not getattr(group, flaw))
    assert (await tenant.decide("approve", wipe, "dana")).status == 403
    assert (await tenant.decide("approve", wipe, "sam")).status == 200


@pytest.mark.parametrize("flaw", ["intune_read", "licensed"])
async def test_approver_needs_intune(tenant: Tenant, wipe: str, flaw: str) -> None:
    """Without the Intune permission, or a licence, membership is not enough."""
    setattr(tenant.world.user("dana"), flaw, False)
    assert (await tenant.decide("approve", wipe, "dana")).status == 403


async def test_scope_is_the_outer_gate(tenant: Tenant, wipe: str) -> None:
    """A token without the scope is refused before Intune looks at it."""
    bearer = tenant.bearer("dana", "User.Read")
    refused = await tenant.call("POST", f"{REQUESTS}/{wipe}/approve", body={"justification": ""}, bearer=bearer)
    assert refused.error[:2] == (403, "Authorization_RequestDenied")


async def test_disabled_account_is_nobody(tenant: Tenant, wipe: str) -> None:
    """A token of a disabled account is worth nothing."""
    assert (await tenant.decide("approve", wipe, "dora")).status == 401


async def test_long_note_is_refused(tenant: Tenant, wipe: str) -> None:
    """1024 characters fit, one more does not."""
    assert (await tenant.decide("approve", wipe, "dana", "x" * 1025)).status == 400
    assert (await tenant.decide("approve", wipe, "dana", "ä" * 1024)).status == 200


@pytest.mark.parametrize(("source", "status"), [("AdminConsole", 200), (None, 200), ("chat", 400)])
async def test_approval_source(tenant: Tenant, wipe: str, source: str | None, status: int) -> None:
    """Known sources in any case, or none; there is no source "chat"."""
    body = {"justification": "ok", "approvalSource": source}
    assert (await tenant.call("POST", f"{REQUESTS}/{wipe}/approve", "dana", body)).status == status


async def test_empty_body(tenant: Tenant, wipe: str) -> None:
    """An action wants JSON, even if it is empty."""
    refused = await tenant.call("POST", f"{REQUESTS}/{wipe}/approve", "dana")
    assert refused.error[::2] == (400, "Empty Payload. JSON content expected.")


@pytest.mark.parametrize("action", ACTIONS)
async def test_unknown_request(tenant: Tenant, action: str) -> None:
    """What is not there cannot be decided."""
    assert (await tenant.decide(action, "00000000-0000-4000-8000-000000000000", "dana")).status == 404


async def test_several_types_need_an_approver_of_each(tenant: Tenant, wipe: str) -> None:
    """A request under two policies is decided by somebody whom both of them name."""
    tenant.graph.request(wipe).policy_types = ("deviceWipe", "role")
    assert (await tenant.decide("approve", wipe, "dana")).status == 403
    tenant.world.group("IT-Directors").members.add(tenant.world.user("dana").id)
    assert (await tenant.decide("approve", wipe, "dana")).status == 200


async def test_every_type_has_its_own_approvers(tenant: Tenant) -> None:
    """Roles by Security-Admins or IT-Directors, compliance by Compliance-Officers, access policies by MAA-Admins."""
    role = tenant.portal.file_role("rita", "Branch Helpdesk", ["Microsoft.Intune_RemoteTasks_Wipe"], "branch asked")
    compliance = tenant.portal.file_compliance("rita", "Windows baseline", {"passwordRequired": False}, "kiosk")
    policy = tenant.portal.file_policy_change("rita", "deviceWipe", ["Security-Admins"], "reorganised")
    for request, wrong, right in ((role, "dana", "ivan"), (compliance, "ivan", "olga"), (policy, "dana", "marc")):
        assert (await tenant.decide("approve", request, wrong)).status == 403
        assert (await tenant.decide("approve", request, right)).status == 200
