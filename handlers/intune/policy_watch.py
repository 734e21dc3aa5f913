"""Compare Intune's access policies with their last known state, in every poll. docs/security.md says against whom."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from approvals.access_policies import (
    AccessPolicy,
    PolicyChange,
    WatchedPolicies,
    changes_between,
    lock_for,
)
from approvals.audit import AuditEntry, Kind
from approvals.causes import AccessPolicyChanged, NotHeldAnyMore
from approvals.effects import Planned, Recheck, told
from approvals.incident import Concern, Incident
from approvals.request import IntuneStatus
from cards.alarms import held_again
from cards.because import worded
from cards.brakes import pulled
from handlers.gathering.snapshots import status_of
from handlers.ports.access_policies import AccessPolicies
from handlers.ports.brakes import Brakes
from handlers.ports.clock import Clock
from handlers.ports.errors import Conflict, PortError, Unreadable
from handlers.ports.intune import Intune, Row
from handlers.ports.memory import Memory
from handlers.ports.outbox import Outbox

READ_EVERY = timedelta(minutes=15)
"""Time after which every policy is read by its id, whatever the time of its last change says."""

SLACK = timedelta(minutes=15)
"""Longest time between the completion of a request in Intune's list and the change of the policy itself."""

_OPERATIONS = {"created": "create", "changed": "update", "deleted": "delete"}
"""The name of the operation in a request, by what became of the policy."""

_APPROVED = frozenset({IntuneStatus.APPROVED, IntuneStatus.COMPLETED})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PolicyWatch:
    """Alarms about unapproved changes of access policies, and stops filing for the types that they concern."""

    clock: Clock
    memory: Memory
    access_policies: AccessPolicies
    intune: Intune
    brakes: Brakes
    outbox: Outbox

    async def watch(self) -> None:
        """Compare once. If the policies cannot be read now, nothing is concluded from that."""
        try:
            await self._compare()
        except PortError as error:
            log.warning("access_policies_not_read", error=str(error), neighbour_request=error.request_id)

    async def _compare(self) -> None:
        known, now = await self.memory.watched_policies(), await self.clock.now()
        if known is None:
            after = WatchedPolicies.first(await self.access_policies.read((), every=True), now)
        else:
            every = now >= known.read_at + READ_EVERY
            after = known.then(await self.access_policies.read(known.policies, every=every), now, every=every)
            await self._report(known, after)
        await self.memory.save_watched_policies(after)

    async def _report(self, known: WatchedPolicies, after: WatchedPolicies) -> None:
        """Alarm about each type once, although a deleted policy also leaves its type unheld."""
        unexplained = await self._unexplained(known, after)
        causes = {kind: AccessPolicyChanged(one.name, one.how) for one in unexplained for kind in one.policy_types}
        left_open = {kind: NotHeldAnyMore(kind) for kind in sorted(after.unheld - known.unheld)}
        for policy_type, cause in (left_open | causes).items():
            await self._lock(policy_type, cause, after.at)
        if again := sorted(known.unheld - after.unheld):
            incident = Incident.at_once(Concern.ACCESS_POLICIES, held_again(again), after.at, over=True)
            await self.outbox.plan(told(incident), after.at)

    async def _unexplained(self, known: WatchedPolicies, after: WatchedPolicies) -> list[PolicyChange]:
        """Return the changes since the last comparison that no approved request in Intune asked for."""
        found = []
        for change in changes_between(known.policies, after.policies):
            explained = await self._is_explained(change, known.at)
            log.warning("access_policy_changed", policy=change.name, how=change.how, explained=explained)
            if not explained:
                found.append(change)
        return found

    async def _is_explained(self, change: PolicyChange, since: datetime) -> bool:
        """Return whether a request that was approved in Intune asked for this change. Intune may show its completion
        late, because reads lag behind writes (microsoftgraph/microsoft-graph-docs#11430)."""
        with suppress(Unreadable):  # a row that cannot be read explains nothing, and the poll reports it
            async for row in self.intune.changed_since(since - SLACK):
                if status_of(row.raw_status) in _APPROVED and _asks_for(row, change):
                    return True
        return False

    async def _lock(self, policy_type: str, cause: AccessPolicyChanged | NotHeldAnyMore, now: datetime) -> None:
        """Pull the type's brake, and alarm. A brake that is on already stays as it is.

        Raises `Conflict` if somebody moves the brake at the same time: then the next poll compares again.
        """
        lock = lock_for(policy_type, cause, now)
        on = next((brake for brake in await self.brakes.on() if brake.name == lock.name), None)
        identity = f"{Concern.ACCESS_POLICIES}-{policy_type}-{int(now.timestamp() * 1000)}"
        incident = Incident(identity, Concern.ACCESS_POLICIES, pulled(lock), now)
        entry = worded(AuditEntry(Kind.LOCKED, now, after=policy_type, because=cause))
        if not await self.brakes.swap(on, on or lock, [entry], [*told(incident), Planned(Recheck(lock.name))]):
            raise Conflict("the brake moved")


def _asks_for(row: Row, change: PolicyChange) -> bool:
    """Return whether the request is about this policy and this kind of change, as far as Intune shows its content."""
    if row.operation.casefold() != _OPERATIONS[change.how]:
        return False
    if change.before is None:
        return row.target == change.name
    if row.target_id.casefold() != change.before.id.casefold():
        return False
    return change.after is None or _patches_to(row, change.after)


def _patches_to(row: Row, after: AccessPolicy) -> bool:
    """Return whether nothing in the request's patch differs from the policy as it is now."""
    kind, platform, groups = after.meaning
    asked = row.patch.get("approverGroupIds")
    names = ((row.patch.get("policyType"), kind), (row.patch.get("policyPlatform"), platform))
    same_names = all(wanted is None or str(wanted).casefold() == now for wanted, now in names)
    return same_names and (asked is None or {str(one).casefold() for one in asked} == groups)
