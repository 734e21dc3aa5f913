"""Reading Intune's access policies for the comparison in every poll, against the simulated Graph."""

import pytest

from approvals.access_policies import AccessPolicy
from bot.graph.policies import GraphAccessPolicies
from handlers.ports.errors import NotFound, TokenRefused
from simulator.graph.faults import Fault, Kind
from tests.bot.graph.tenant import Tenant

PLACE = "operationApprovalPolicies"


@pytest.fixture
def policies(tenant: Tenant) -> GraphAccessPolicies:
    """Return the reader of the tenant's policies."""
    return GraphAccessPolicies(tenant.client)


def wipes(found: tuple[AccessPolicy, ...]) -> AccessPolicy:
    """Return the policy that protects wipes."""
    [policy] = [one for one in found if one.policy_type == "deviceWipe"]
    return policy


async def test_policies_are_read_whole(tenant: Tenant, policies: GraphAccessPolicies) -> None:
    """The list omits the approver groups, so each policy is read by its id; Intune also names the types it holds."""
    held = await policies.read((), every=True)

    assert wipes(held.policies).approver_groups == {
        tenant.world.group("Device-Managers").id,
        tenant.world.group("Security-Team").id,
    }
    assert held.required is not None
    assert {one.policy_type.casefold() for one in held.policies} == held.required


async def test_what_has_not_moved_is_not_read_again(tenant: Tenant, policies: GraphAccessPolicies) -> None:
    """A known policy is read again only if Intune shows another time of its last change, or if all are to be read."""
    first = await policies.read((), every=True)
    [mine] = [one for one in tenant.world.policies.values() if one.policy_type == "deviceWipe"]
    mine.approver_group_ids = [tenant.world.group("Executives").id]

    assert wipes((await policies.read(first.policies, every=False)).policies) == wipes(first.policies)
    everything = await policies.read(first.policies, every=True)
    assert wipes(everything.policies).approver_groups == {tenant.world.group("Executives").id}

    mine.modified = "2026-11-23T09:00:00Z"
    moved = await policies.read(first.policies, every=False)
    assert wipes(moved.policies).approver_groups == {tenant.world.group("Executives").id}


async def test_what_the_list_omits_is_looked_for(tenant: Tenant, policies: GraphAccessPolicies) -> None:
    """A known policy that is not listed is read by its id; only if that fails with 404 it is deleted."""
    known = (await policies.read((), every=True)).policies
    extra = AccessPolicy("00000000-0000-4000-8000-00000000dead", "Apps", "app", "notApplicable", frozenset())
    [gone] = [one for one in tenant.world.policies.values() if one.policy_type == "deviceWipe"]
    gone.active = False

    found = await policies.read((*known, extra), every=False)

    assert {one.policy_type for one in found.policies} == {one.policy_type for one in known} - {"deviceWipe"}


@pytest.mark.parametrize("kind", [Kind.MISSING, Kind.HIDDEN])
async def test_intune_does_not_say_what_it_holds(tenant: Tenant, policies: GraphAccessPolicies, kind: Kind) -> None:
    """Without Intune's own answer there is the list alone."""
    tenant.graph.faults[:] = [Fault(kind, path="retrieveOperationsRequiringApproval")]
    held = await policies.read((), every=True)

    assert (held.required, bool(held.policies)) == (None, True)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(Kind.UNAUTHORIZED, path="retrieveOperationsRequiringApproval", times=9), TokenRefused),
        (Fault(Kind.MISSING, path=PLACE, times=9), NotFound),
    ],
)
async def test_a_failure_is_no_answer(
    tenant: Tenant, policies: GraphAccessPolicies, fault: Fault, error: type[Exception]
) -> None:
    """If the list or a policy of it cannot be read, nothing is returned."""
    tenant.graph.faults[:] = [fault]
    with pytest.raises(error):
        await policies.read((), every=True)
