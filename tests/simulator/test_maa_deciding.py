"""Who may approve, reject, and withdraw an approval, and in which order this is checked."""

from typing import Literal

import pytest

from simulator.story import PIPELINE, WORKER
from tests.simulator.loopback import REQUESTS, Tenant

ACTIONS = ["approve", "reject", "cancelApproval"]


@pytest.fixture
def wipe(tenant: Tenant) -> str:
    """Return the id of Rita's request to wipe PC-1."""
    return tenant.portal.file_wipe("rita", "PC-1", "stolen")


async def test_approval_is_recorded(tenant: Tenant, wipe: str) -> None:
    """An approval answers with an opaque text, and the request says who approved, why and when."""
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
    """An approval can be withdrawn until the change is completed."""
    await tenant.decide("approve", wipe, "dana")
    assert (await tenant.decide("cancelApproval", wipe, "sam")).status == 200
    assert tenant.graph.request(wipe).status == "cancelled"


async def test_cancelled_approval_may_reopen(tenant: Tenant, wipe: str) -> None:
    """With this knob a withdrawn approval lets the request wait again, without an approver."""
    tenant.graph.knobs.after_cancel = "needsApproval"
    await tenant.decide("approve", wipe, "dana")
    await tenant.decide("cancelApproval", wipe, "sam")
    row = (await tenant.get(f"{REQUESTS}/{wipe}")).body
    assert (row["status"], row["approver"]) == ("needsApproval", None)


@pytest.mark.parametrize("action", ACTIONS)
async def test_applications_cannot_decide(tenant: Tenant, wipe: str, action: str) -> None:
    """An application cannot decide, whatever its permissions."""
    refused = await tenant.decide(action, wipe, WORKER)
    assert refused.error[::2] == (403, "Valid user identity required while Multi Admin Approval is enabled")
    assert tenant.graph.decisions(wipe) == []


async def test_partners_cannot_decide(tenant: Tenant, wipe: str) -> None:
    """A delegated administrator of another tenant cannot decide."""
    refused = await tenant.decide("approve", wipe, "dana", gdap=True)
    assert refused.error[2].startswith("Valid user identity required")


@pytest.mark.parametrize("who", ["rita", "otto", "alex", "gus"])
async def test_only_approvers_of_the_type_decide(tenant: Tenant, wipe: str, who: str) -> None:
    """The requestor, outsiders, approvers of other types and guests cannot decide."""
    for action in ("approve", "reject"):
        assert (await tenant.decide(action, wipe, who)).status == 403
    assert tenant.graph.decisions(wipe) == []


async def test_requestor_cannot_decide_although_an_approver(tenant: Tenant) -> None:
    """The requestor cannot decide, even as a member of the approver group."""
    wipe = tenant.portal.file_wipe("dana", "PC-1", "stolen")
    assert (await tenant.decide("approve", wipe, "dana")).status == 403


async def test_human_behind_an_application_is_not_the_requestor(tenant: Tenant) -> None:
    """A person can approve what an application filed for them, because Intune compares identities."""
    wipe = tenant.portal.file_wipe(PIPELINE, "PC-1", "Dana asked for it")
    assert (await tenant.decide("approve", wipe, "dana")).status == 200


@pytest.mark.parametrize(("check", "status"), [("direct", 403), ("transitive", 200)])
async def test_nested_members(tenant: Tenant, wipe: str, check: Literal["direct", "transitive"], status: int) -> None:
    """Nina is in a group inside Security-Team; by default she cannot approve."""
    tenant.graph.knobs.approver_check = check
    assert (await tenant.decide("approve", wipe, "nina")).status == status


@pytest.mark.parametrize("flaw", ["mail_enabled", "unified", "on_role_assignment", "security_enabled"])
async def test_unfit_groups_are_ignored(tenant: Tenant, wipe: str, flaw: str) -> None:
    """Only members of a plain security group with an Intune role can approve."""
    group = tenant.world.group("Device-Managers")
    setattr(group, flaw, not getattr(group, flaw))
    assert (await tenant.decide("approve", wipe, "dana")).status == 403
    assert (await tenant.decide("approve", wipe, "sam")).status == 200


@pytest.mark.parametrize("flaw", ["intune_read", "licensed"])
async def test_approver_needs_intune(tenant: Tenant, wipe: str, flaw: str) -> None:
    """An approver also needs the Intune permission and a licence."""
    setattr(tenant.world.user("dana"), flaw, False)
    assert (await tenant.decide("approve", wipe, "dana")).status == 403


async def test_scope_is_the_outer_gate(tenant: Tenant, wipe: str) -> None:
    """A token without the scope is refused before anything else is checked."""
    bearer = tenant.bearer("dana", "User.Read")
    refused = await tenant.call("POST", f"{REQUESTS}/{wipe}/approve", body={"justification": ""}, bearer=bearer)
    assert refused.error[:2] == (403, "Authorization_RequestDenied")


async def test_disabled_account_is_nobody(tenant: Tenant, wipe: str) -> None:
    """The token of a disabled account is refused."""
    assert (await tenant.decide("approve", wipe, "dora")).status == 401


async def test_long_note_is_refused(tenant: Tenant, wipe: str) -> None:
    """A note may have 1024 characters."""
    assert (await tenant.decide("approve", wipe, "dana", "x" * 1025)).status == 400
    assert (await tenant.decide("approve", wipe, "dana", "ä" * 1024)).status == 200


@pytest.mark.parametrize(("source", "status"), [("AdminConsole", 200), (None, 200), ("chat", 400)])
async def test_approval_source(tenant: Tenant, wipe: str, source: str | None, status: int) -> None:
    """The approval source may be a known one, in any case, or missing; "chat" is not known."""
    body = {"justification": "ok", "approvalSource": source}
    assert (await tenant.call("POST", f"{REQUESTS}/{wipe}/approve", "dana", body)).status == status


async def test_empty_body(tenant: Tenant, wipe: str) -> None:
    """An action needs a JSON body, even an empty one."""
    refused = await tenant.call("POST", f"{REQUESTS}/{wipe}/approve", "dana")
    assert refused.error[::2] == (400, "Empty Payload. JSON content expected.")


@pytest.mark.parametrize("action", ACTIONS)
async def test_unknown_request(tenant: Tenant, action: str) -> None:
    """An unknown request cannot be decided."""
    assert (await tenant.decide(action, "00000000-0000-4000-8000-000000000000", "dana")).status == 404


async def test_several_types_need_an_approver_of_each(tenant: Tenant, wipe: str) -> None:
    """A request under two policies needs an approver whom both of them name."""
    tenant.graph.request(wipe).policy_types = ("deviceWipe", "role")
    assert (await tenant.decide("approve", wipe, "dana")).status == 403
    tenant.world.group("IT-Directors").members.add(tenant.world.user("dana").id)
    assert (await tenant.decide("approve", wipe, "dana")).status == 200


async def test_every_type_has_its_own_approvers(tenant: Tenant) -> None:
    """Each policy type has its own approver groups."""
    role = tenant.portal.file_role("rita", "Branch Helpdesk", ["Microsoft.Intune_RemoteTasks_Wipe"], "branch asked")
    compliance = tenant.portal.file_compliance("rita", "Windows baseline", {"passwordRequired": False}, "kiosk")
    policy = tenant.portal.file_policy_change("rita", "deviceWipe", ["Security-Admins"], "reorganised")
    for request, wrong, right in ((role, "dana", "ivan"), (compliance, "ivan", "olga"), (policy, "dana", "marc")):
        assert (await tenant.decide("approve", request, wrong)).status == 403
        assert (await tenant.decide("approve", request, right)).status == 200
