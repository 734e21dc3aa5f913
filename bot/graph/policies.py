"""Intune's access policies: what Multi-Admin Approval protects there, and who may approve."""

from dataclasses import dataclass
from urllib.parse import quote

from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound

EVERY_PLATFORM = "notApplicable"
"""Intune's word for a policy that is not for one platform alone."""

_PLACE = "/beta/deviceManagement/operationApprovalPolicies"


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """One access policy. `approver_groups` are object ids; `policy_type` and `platform` are Intune's own words."""

    id: str
    name: str
    policy_type: str
    platform: str
    approver_groups: frozenset[str]


async def read_policies(client: GraphClient) -> tuple[AccessPolicy, ...]:
    """Every access policy of the tenant. Whether one excludes applications, Graph does not say.

    The list may leave out the groups of approvers, which the policy by itself has (ZeroTrustAssessment reads it so).
    """
    rows = [row async for row in client.items(_PLACE)]
    return tuple([_policy(await _whole(client, row)) for row in rows])


async def requires_approval(client: GraphClient, policy_type: str, platform: str) -> bool | None:
    """Whether Intune itself says that it holds such operations; nothing where it does not tell. Nobody says what it
    tells an application that asks, so an empty answer tells nothing."""
    try:
        rows = [row async for row in client.items(f"{_PLACE}/retrieveOperationsRequiringApproval()")]
    except (NotFound, Forbidden):
        return None
    return any(covers(_type_of(row), _platform_of(row), policy_type, platform) for row in rows) if rows else None


def covers(held_type: str, held_platform: str, policy_type: str, platform: str) -> bool:
    """Whether what is held on one platform, or on every one, is this."""
    return held_type.casefold() == policy_type.casefold() and held_platform in (EVERY_PLATFORM, platform)


async def _whole(client: GraphClient, row: loose.Object) -> loose.Object:
    if loose.get(row, "approverGroupIds") is not None:
        return row
    return await client.get(f"{_PLACE}/{quote(loose.text(row, 'id'), safe='')}")


def _type_of(row: loose.Object) -> str:
    return loose.text(row, "policyType") or loose.text(loose.get(row, "policySet"), "policyType")


def _platform_of(row: loose.Object) -> str:
    return loose.text(row, "policyPlatform") or loose.text(loose.get(row, "policySet"), "policyPlatform")


def _policy(row: loose.Object) -> AccessPolicy:
    return AccessPolicy(
        id=loose.text(row, "id"),
        name=loose.text(row, "displayName"),
        policy_type=_type_of(row),
        platform=_platform_of(row),
        approver_groups=frozenset(map(str, loose.get(row, "approverGroupIds") or ())),
    )
