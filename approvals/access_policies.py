"""Intune's access policies: which changes of them matter, and which types they no longer hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

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
        return _types(self.policies)


@dataclass(frozen=True, slots=True)
class WatchedPolicies:
    """The access policies as they were when they were last compared, at `at`. All of them were last read at `read_at`.

    `unheld` are the types that were held once and are not any more. `required` are those that Intune itself named as
    held since they have a policy, and `doubted` those of them that it did not name in the last answer.
    """

    policies: tuple[AccessPolicy, ...]
    at: datetime
    read_at: datetime
    unheld: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()

    @classmethod
    def first(cls, found: HeldOperations, now: datetime) -> Self:
        """Return what is compared from now on."""
        return cls(found.policies, now, now, required=(found.required or frozenset()) & found.listed)

    def then(self, found: HeldOperations, now: datetime, *, every: bool) -> "WatchedPolicies":
        """Return what is known after this was found; with `every`, all policies were read.

        A type counts as unheld at once if no policy protects it. If only Intune's own word for it is missing, it
        counts the second time, because one answer may be late; and only if Intune has named it before, because it is
        not documented which types it names to an application.
        """
        required = self.required & found.listed
        doubted = required - found.required if found.required is not None else frozenset[str]()
        held = _types(self.policies) | self.unheld
        unheld = (held - found.listed) | (doubted & (self.doubted | self.unheld))
        named = required | ((found.required or frozenset()) & found.listed)
        return WatchedPolicies(found.policies, now, now if every else self.read_at, unheld, named, doubted)


def covers(held_type: str, held_platform: str, policy_type: str, platform: str) -> bool:
    """Return whether what is held, on one platform or on all, includes this."""
    return held_type.casefold() == policy_type.casefold() and held_platform in (EVERY_PLATFORM, platform)


def changes_between(known: Iterable[AccessPolicy], found: Iterable[AccessPolicy]) -> list[PolicyChange]:
    """Return the changes of what the policies do."""
    before, after = {one.id: one for one in known}, {one.id: one for one in found}
    both = [PolicyChange(before.get(one), after.get(one)) for one in sorted(before.keys() | after.keys())]
    return [change for change in both if _meaning(change.before) != _meaning(change.after)]


def lock_for(policy_type: str, cause: AccessPolicyChanged | NotHeldAnyMore, now: datetime) -> Brake:
    """Return the brake that stops filing for this policy type."""
    return Brake(lock_name(policy_type), None, "", now, cause=cause)


def _types(policies: Iterable[AccessPolicy]) -> frozenset[str]:
    return frozenset(policy.policy_type.casefold() for policy in policies)


def _meaning(policy: AccessPolicy | None) -> tuple[str, str, frozenset[str]] | None:
    return policy.meaning if policy else None
