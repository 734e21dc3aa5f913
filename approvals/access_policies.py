"""Intune's access policies: which changes of them matter, and which types they no longer hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from approvals.brake import Brake, lock_name
from approvals.causes import AccessPolicyChanged, NotHeldAnyMore

EVERY_PLATFORM = "notApplicable"
"""Intune's word for a policy that is not for one platform alone."""


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """One access policy. `approver_groups` are object ids; `policy_type` and `platform` are Intune's own words.

    `modified` is Intune's text for the time of the last change. It tells when to read the policy again, and is no part
    of what is compared.
    """

    id: str
    name: str
    policy_type: str
    platform: str
    approver_groups: frozenset[str]
    modified: str = field(default="", compare=False)

    @property
    def meaning(self) -> tuple[str, str, frozenset[str]]:
        """What the policy does: type, platform and approver groups, without regard to case. Its name does nothing."""
        groups = frozenset(group.casefold() for group in self.approver_groups)
        return self.policy_type.casefold(), self.platform.casefold(), groups


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A policy before and after a change; at least one of them exists."""

    before: AccessPolicy | None
    after: AccessPolicy | None

    @property
    def how(self) -> Literal["created", "changed", "deleted"]:
        """The kind of the change."""
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "changed"

    @property
    def name(self) -> str:
        """The name of the policy, as people know it now."""
        return next(one.name for one in (self.after, self.before) if one is not None)

    @property
    def policy_types(self) -> list[str]:
        """The types that it protected or protects, in lower case."""
        return sorted({one.policy_type.casefold() for one in (self.before, self.after) if one is not None})


@dataclass(frozen=True, slots=True)
class HeldOperations:
    """What Intune shows of its access policies. `required` are the types that Intune itself says it holds, in lower
    case; `None` if it does not say."""

    policies: tuple[AccessPolicy, ...]
    required: frozenset[str] | None

    @property
    def listed(self) -> frozenset[str]:
        """The types that have a policy, in lower case."""
        return frozenset(policy.policy_type.casefold() for policy in self.policies)

    @property
    def doubted(self) -> frozenset[str]:
        """The types that have a policy although Intune itself does not say that it holds them."""
        return self.listed - self.required if self.required is not None else frozenset()


@dataclass(frozen=True, slots=True)
class WatchedPolicies:
    """The access policies as they were when they were last compared, at `at`. All of them were last read at `read_at`.

    `unheld` are the types that were held once and are not any more, `doubted` those of which Intune's two answers
    differed.
    """

    policies: tuple[AccessPolicy, ...]
    at: datetime
    read_at: datetime
    unheld: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()


def covers(held_type: str, held_platform: str, policy_type: str, platform: str) -> bool:
    """Return whether what is held, on one platform or on all, includes this."""
    return held_type.casefold() == policy_type.casefold() and held_platform in (EVERY_PLATFORM, platform)


def changes_between(known: Iterable[AccessPolicy], found: Iterable[AccessPolicy]) -> list[PolicyChange]:
    """Return the changes of what the policies do."""
    before, after = {one.id: one for one in known}, {one.id: one for one in found}
    both = [PolicyChange(before.get(one), after.get(one)) for one in sorted(before.keys() | after.keys())]
    return [change for change in both if _meaning(change.before) != _meaning(change.after)]


def unheld_after(known: WatchedPolicies, found: HeldOperations) -> frozenset[str]:
    """Return the types that were held and are not any more. A difference between Intune's two answers counts once it
    has shown twice: one of them may be late."""
    before = HeldOperations(known.policies, None).listed | known.unheld
    return (before - found.listed) | (found.doubted & (known.doubted | known.unheld))


def lock_for(policy_type: str, cause: AccessPolicyChanged | NotHeldAnyMore, now: datetime) -> Brake:
    """Return the brake that stops filing for this policy type."""
    return Brake(lock_name(policy_type), None, "", now, cause=cause)


def _meaning(policy: AccessPolicy | None) -> tuple[str, str, frozenset[str]] | None:
    return policy.meaning if policy else None
