"""Intune's access policies: what Multi-Admin Approval protects there, and who may approve."""

from dataclasses import dataclass
from urllib.parse import quote

from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound, TokenRefused

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
    """Return every access policy of the tenant. Graph does not say whether one excludes applications.

    The list may omit the groups of approvers, which the single policy has (ZeroTrustAssessment reads it so).
    """
    rows = [row async for row in client.items(_PLACE)]
    return tuple([_policy(await _whole(client, row)) for row in rows])


async def requires_approval(client: GraphClient, policy_type: str, platform: str) -> bool | None:
    """Return whether Intune itself says that it holds such operations; `None` if it does not say. What it answers to
    an application is not documented, so an empty answer counts as none."""
    try:
        rows = [row async for row in client.items(f"{_PLACE}/retrieveOperationsRequiringApproval()")]
    except TokenRefused:
        raise  # a refused token does not mean that Intune does not say
    except (NotFound, Forbidden):
        return None
    return any(covers(_type_of(row), _platform_of(row), policy_type, platform) for row in rows) if rows else None


def covers(held_type: str, held_platform: str, policy_type: str, platform: str) -> bool:
    """Return whether what is held, on one platform or on all, includes this."""
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
