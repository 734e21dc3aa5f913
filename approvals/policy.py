"""Which groups decide which operation, and how many people it takes."""

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
    """`ANY`: different members of any of the groups. `EACH`: different people, at least one from every group."""

    ANY = "any"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Workflow:
    """How one operation is approved. Without groups it only notifies: nobody may decide here.

    `channels` are Teams channel ids. `alarms` tells the operations channel of every such request at once.
    `keeps_votes` lets a vote stand whose voter has left the group since (time-limited membership). `requesters` may ask
    for it in chat, nobody without them; with a `scope` only for what is in one of its groups. Every request is `urgent`
    where the workflow says so. Without a `ladder` nobody is reminded. What is `on_top` comes on top of the other
    workflows of a request: whoever sits in one of its seats sits in no other. `growth` is by how many percent a target
    group may grow before a vote is void.
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
        """This workflow, with a later configuration applied only where that is stricter.

        A group that is gone from the configuration loses its say at once; one that is new gets none.
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
    """Percent by which a target group may grow, by the strictest of them."""
    return min((workflow.growth for workflow in workflows), default=USUAL_GROWTH)


@dataclass(frozen=True, slots=True)
class Bulk:
    """The workflow that comes on top where one request is for at least so many devices."""

    least: int
    workflow: Workflow


@dataclass(frozen=True, slots=True)
class Rule:
    """A workflow and what falls under it: Intune policy types and payload kinds, compared without case."""

    workflow: Workflow
    policy_types: frozenset[str]
    kinds: frozenset[str]
    bulk: Bulk | None = None

    def covers(self, policy_types: frozenset[str], kind: str) -> bool:
        """Whether a request of these policy types, or of this payload kind, is decided by this workflow."""
        return bool(self.policy_types & policy_types) or self.covers_kind(kind)

    def covers_kind(self, kind: str) -> bool:
        """Whether this workflow decides about this kind of payload, whatever Intune calls the policy type."""
        return kind in self.kinds


@dataclass(frozen=True, slots=True)
class Guard:
    """The workflow that an order takes on top of the usual one: beyond so many within a time, or on what is protected.

    It takes people who fill none of the usual seats. Protected is what is in one of these groups, or whose user is.
    """

    workflow: Workflow
    most_by_one: int
    most_by_all: int
    within: timedelta
    protected: tuple[Group, ...] = ()

    def why_stricter(
        self, asked: Sequence[str], accounts: frozenset[str], near_groups: frozenset[str], unknown: Sequence[Unknown]
    ) -> Stricter | None:
        """Why one more order of the person with these accounts takes it; nothing if it does not.

        `asked` holds the account behind every order of the window, `near_groups` the groups that hold the target or
        somebody who uses it, as far as the directory knows them; what is `unknown` to it may be in a protected one.
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
    """All workflows with what they cover, the one for everything else, and the digest of their source."""

    rules: tuple[Rule, ...]
    catch_all: Workflow
    digest: str
    guard: Guard | None = None
    emergency: Emergency | None = None
    auditors: tuple[Group, ...] = ()

    def workflows_for(self, policy_types: tuple[str, ...], kind: str, devices: int = 1) -> tuple[Workflow, ...]:
        """Every workflow that a request for so many devices must satisfy.

        A policy type that no workflow names and whose payload kind none covers either falls to the catch-all on top
        of the others: what nobody has thought of is not decided by somebody who was asked about something else.
        """
        asked = frozenset(name.casefold() for name in policy_types)
        kind = kind.casefold()
        matching = [rule for rule in self.rules if rule.covers(asked, kind)]
        known = frozenset[str]().union(*(rule.policy_types for rule in matching))
        explained = asked <= known or any(rule.covers_kind(kind) for rule in matching)
        chosen = tuple(rule.workflow for rule in matching)
        on_top = tuple(rule.bulk.workflow for rule in matching if rule.bulk and devices >= rule.bulk.least)
        return (*chosen, *on_top) if matching and explained else (*chosen, self.catch_all, *on_top)
