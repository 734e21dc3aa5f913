"""Intune's access policies: what Multi-Admin Approval protects there, and who may approve."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from approvals.access_policies import AccessPolicy, HeldOperations, covers
from bot.graph import loose
from bot.graph.http import GraphClient
from handlers.ports.errors import Forbidden, NotFound, TokenRefused

_PLACE = "/beta/deviceManagement/operationApprovalPolicies"


async def read_policies(client: GraphClient) -> tuple[AccessPolicy, ...]:
    """Return every access policy of the tenant. Graph does not say whether one excludes applications.

    The list may omit the groups of approvers, which the single policy has (ZeroTrustAssessment reads it so).
    """
    rows = [row async for row in client.items(_PLACE)]
    return tuple([_policy(await _whole(client, row)) for row in rows])


async def requires_approval(client: GraphClient, policy_type: str, platform: str) -> bool | None:
    """Return whether Intune itself says that it holds such operations; `None` if it does not say."""
    rows = await _required(client)
    return any(covers(_type_of(row), _platform_of(row), policy_type, platform) for row in rows) if rows else None


@dataclass(frozen=True, slots=True)
class GraphAccessPolicies:
    """The port `AccessPolicies`."""

    client: GraphClient

    async def read(self, known: Sequence[AccessPolicy], *, every: bool) -> HeldOperations:
        """Return every policy; those that are known, and have not moved, are not read one by one."""
        listed = {loose.text(row, "id"): row async for row in self.client.items(_PLACE)}
        unmoved = {} if every else {one.id: one for one in known if one.modified}
        found = [await self._read(row, unmoved.get(policy_id)) for policy_id, row in listed.items()]
        left_out = [await self._unlisted(one.id) for one in known if one.id not in listed]
        required = await _required(self.client)
        types = frozenset(_type_of(row).casefold() for row in required) if required else None
        return HeldOperations((*found, *filter(None, left_out)), types)

    async def _read(self, row: loose.Object, known: AccessPolicy | None) -> AccessPolicy:
        listed = _policy(row)
        same = known is not None and (known.modified, known.name) == (listed.modified, listed.name)
        if known is not None and same and known.meaning[:2] == listed.meaning[:2]:
            return known
        return _policy(await _whole(self.client, row))

    async def _unlisted(self, policy_id: str) -> AccessPolicy | None:
        """Return a policy that the list omits; nothing if it is deleted."""
        try:
            return _policy(await self.client.get(_place_of(policy_id)))
        except NotFound:
            return None


async def _required(client: GraphClient) -> list[loose.Object]:
    """Return what Intune itself says that it holds. What it answers to an application is not documented, so an empty
    answer says nothing."""
    try:
        return [row async for row in client.items(f"{_PLACE}/retrieveOperationsRequiringApproval()")]
    except TokenRefused:
        raise  # a refused token does not mean that Intune does not say
    except (NotFound, Forbidden):
        return []


async def _whole(client: GraphClient, row: loose.Object) -> loose.Object:
    if loose.get(row, "approverGroupIds") is not None:
        return row
    return await client.get(_place_of(loose.text(row, "id")))


def _place_of(policy_id: str) -> str:
    return f"{_PLACE}/{quote(policy_id, safe='')}"


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
        modified=loose.text(row, "lastModifiedDateTime"),
    )
