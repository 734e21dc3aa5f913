"""The policy: which groups decide which operation, and how many people are needed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from approvals.causes import ManyByAll, ManyByOne, Stricter, TargetProtected, TargetUnknown
from approvals.emergency import Emergency
from approvals.growth import USUAL_GROWTH
from approvals.ladder import Ladder
from approvals.order import Unknown
from approvals.people import Group


class QuorumMode(StrEnum):
    """The way a quorum counts. `ANY`: different members of any of the groups. `EACH`: different people, at least one
    from every group."""

    ANY = "any"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Workflow:
    """The approval of one operation. Without groups it only notifies, and nobody may decide here.

    `channels` are Teams channel ids. `alarms` sends every such request to the operations channel at once. With
    `keeps_votes` a vote stays valid after its voter has left the group (time-limited membership). Members of
    `requesters` may request it in chat, nobody if there are none; with a `scope`, only for targets in one of its
    groups. With `urgent` every request is urgent. Without a `ladder` nobody is reminded. A workflow `on_top` is added
    to the others of a request: a person in one of its seats fills no other seat. `growth` is the percentage by which a
    target group may grow before a vote is void.
    """

    operation: str
    description: str
    enabled: bool
    required: int
    groups: tuple[Group, ...]
    mode: QuorumMode
    channels: tuple[str, ...]
    deadline: timedelta
    urgent_deadline: timedelta
    alarms: bool = False
    keeps_votes: bool = False
    requesters: tuple[Group, ...] = ()
    scope: tuple[Group, ...] = ()
    urgent: bool = False
    ladder: Ladder | None = None
    on_top: bool = False
    growth: int = USUAL_GROWTH

    @property
    def group_ids(self) -> frozenset[str]:
        """The object ids of the approver groups."""
        return frozenset(group.id for group in self.groups)

    def tightened_by(self, later: "Workflow") -> "Workflow":
        """Return this workflow, with a later configuration applied only where it is stricter.

        A removed group can no longer decide open requests; an added group can decide new ones only.
        """
        each = QuorumMode.EACH in (self.mode, later.mode)
        return replace(
            self,
            enabled=self.enabled and later.enabled,
            required=max(self.required, later.required),
            groups=tuple(group for group in self.groups if group.id in later.group_ids),
            mode=QuorumMode.EACH if each else QuorumMode.ANY,
            deadline=min(self.deadline, later.deadline),
            urgent_deadline=min(self.urgent_deadline, later.urgent_deadline),
            keeps_votes=self.keeps_votes and later.keeps_votes,
            growth=min(self.growth, later.growth),
        )


def growth_of(workflows: Sequence[Workflow]) -> int:
    """Return the percentage by which a target group may grow: the smallest of these workflows."""
    return min((workflow.growth for workflow in workflows), default=USUAL_GROWTH)


@dataclass(frozen=True, slots=True)
class Bulk:
    """The workflow that is added if a request covers at least this many devices."""

    least: int
    workflow: Workflow


@dataclass(frozen=True, slots=True)
class Rule:
    """A workflow and its scope: Intune policy types and payload kinds, compared without case."""

    workflow: Workflow
    policy_types: frozenset[str]
    kinds: frozenset[str]
    bulk: Bulk | None = None

    def covers(self, policy_types: frozenset[str], kind: str) -> bool:
        """Return whether this workflow decides requests of these policy types, or of this payload kind."""
        return bool(self.policy_types & policy_types) or self.covers_kind(kind)

    def covers_kind(self, kind: str) -> bool:
        """Return whether this workflow decides this payload kind, whatever its policy type."""
        return kind in self.kinds


@dataclass(frozen=True, slots=True)
class Guard:
    """The workflow that is added to an order's usual one: for many orders within a time, or for a protected target.

    It needs people who fill none of the usual seats. A target is protected if it or its user is in a protected group.
    """

    workflow: Workflow
    most_by_one: int
    most_by_all: int
    within: timedelta
    protected: tuple[Group, ...] = ()

    def why_stricter(
        self, asked: Sequence[str], accounts: frozenset[str], near_groups: frozenset[str], unknown: Sequence[Unknown]
    ) -> Stricter | None:
        """Return why one more order of the person with these accounts needs the guard, or nothing.

        `asked` has the account behind every order of the window, `near_groups` are the groups that contain the target
        or one of its users, as far as the directory knows them; anything `unknown` may be in a protected group.
        """
        if names := tuple(group.name for group in self.protected if group.id in near_groups):
            return TargetProtected(names)
        if self.protected and unknown:
            return TargetUnknown(tuple(unknown))
        if sum(account in accounts for account in asked) >= self.most_by_one:
            return ManyByOne(self.most_by_one)
        if len(asked) >= self.most_by_all:
            return ManyByAll(self.most_by_all)
        return None


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """All workflows with their scopes, the catch-all workflow, and the digest of their source."""

    rules: tuple[Rule, ...]
    catch_all: Workflow
    digest: str
    guard: Guard | None = None
    emergency: Emergency | None = None
    auditors: tuple[Group, ...] = ()

    def workflows_for(self, policy_types: tuple[str, ...], kind: str, devices: int = 1) -> tuple[Workflow, ...]:
        """Return every workflow that a request for this many devices must satisfy.

        The catch-all is added to the others for a policy type that no workflow names and whose payload kind none
        covers: people who are asked about something else do not decide an operation that the configuration does not
        mention.
        """
        asked = frozenset(name.casefold() for name in policy_types)
        kind = kind.casefold()
        matching = [rule for rule in self.rules if rule.covers(asked, kind)]
        known = frozenset[str]().union(*(rule.policy_types for rule in matching))
        explained = asked <= known or any(rule.covers_kind(kind) for rule in matching)
        chosen = tuple(rule.workflow for rule in matching)
        on_top = tuple(rule.bulk.workflow for rule in matching if rule.bulk and devices >= rule.bulk.least)
        return (*chosen, *on_top) if matching and explained else (*chosen, self.catch_all, *on_top)
