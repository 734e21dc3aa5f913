"""Intune's access policies: what Multi-Admin Approval protects there, and who may approve."""

from dataclasses import dataclass

from bot.graph import loose
from bot.graph.http import GraphClient


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """One access policy. `approver_groups` are object ids; `policy_type` and `platform` are Intune's own words."""

    id: str
    name: str
    policy_type: str
    platform: str
    approver_groups: frozenset[str]


async def read_policies(client: GraphClient) -> tuple[AccessPolicy, ...]:
    """Every access policy of the tenant. Whether one excludes applications, Graph does not say."""
    rows = client.items("/beta/deviceManagement/operationApprovalPolicies")
    return tuple([_policy(row) async for row in rows])


def _policy(row: loose.Object) -> AccessPolicy:
    policy_set = loose.get(row, "policySet")
    return AccessPolicy(
        id=loose.text(row, "id"),
        name=loose.text(row, "displayName"),
        policy_type=loose.text(row, "policyType") or loose.text(policy_set, "policyType"),
        platform=loose.text(row, "policyPlatform") or loose.text(policy_set, "policyPlatform"),
        approver_groups=frozenset(map(str, loose.get(row, "approverGroupIds") or ())),
    )
