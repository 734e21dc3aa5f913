"""Intune's access policies, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from approvals.access_policies import EVERY_PLATFORM, AccessPolicy, HeldOperations
from tests.fakes.troubles import Troubles


class AccessPolicies:
    """Keeps the policies by their id. Like Intune, it changes the time of a policy with every change."""

    def __init__(self) -> None:
        self.policies: dict[str, AccessPolicy] = {}
        self.required: frozenset[str] | None = None
        self.read_one_by_one: list[str] = []
        self.troubles = Troubles()
        self._changes = 0

    def put(self, policy_id: str, policy_type: str, *groups: str, name: str = "") -> AccessPolicy:
        """Create or replace a policy."""
        self._changes += 1
        policy = AccessPolicy(
            policy_id, name or policy_id, policy_type, EVERY_PLATFORM, frozenset(groups), str(self._changes)
        )
        self.policies[policy_id] = policy
        return policy

    def change_silently(self, policy_id: str, *groups: str) -> None:
        """Change the groups of a policy without changing its time."""
        self.policies[policy_id] = replace(self.policies[policy_id], approver_groups=frozenset(groups))

    async def read(self, known: Sequence[AccessPolicy], *, every: bool) -> HeldOperations:
        await self.troubles.begin("read")
        before = {} if every else {one.id: one for one in known}
        return HeldOperations(
            tuple(self._read(one, before.get(one.id)) for one in self.policies.values()), self.required
        )

    def _read(self, policy: AccessPolicy, known: AccessPolicy | None) -> AccessPolicy:
        if known is not None and known.modified == policy.modified:
            return known
        self.read_one_by_one.append(policy.id)
        return policy
