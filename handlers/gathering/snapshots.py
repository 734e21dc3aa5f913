"""The first step: turn what Intune and the directory say about a request into input for the rules."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from approvals.people import Application, Person, Requestor
from approvals.policy import PolicyBook
from approvals.request import (
    IntuneStatus,
    Request,
)
from approvals.snapshot import Eligibility, Snapshot
from approvals.subject import Subject
from handlers.gathering.subjects import Reviewed, Subjects
from handlers.ports.directory import Directory
from handlers.ports.errors import NotFound
from handlers.ports.intune import Identity, Intune, Row

_DECIDED = frozenset({IntuneStatus.APPROVED, IntuneStatus.REJECTED, IntuneStatus.COMPLETED})


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Turns rows into sightings. `owners` maps an application's id to the accounts behind it."""

    intune: Intune
    directory: Directory
    subjects: Subjects
    book: PolicyBook
    owners: Mapping[str, tuple[str, ...]]

    async def of(self, row: Row, known: Request | None = None, *, history: bool = False) -> Snapshot:
        """Return a row as the rules need it: who asked, who approved with their standing, and what is reviewed.

        What we filed ourselves for a `known` request is reviewed as its target is now, not as Intune describes it. For
        a request that ended before the bot first ran (`history`), the time of the approval is not needed.
        """
        reviewed, requestor = await asyncio.gather(self._reviewed(row, known), self._requestor(row))
        approver, approved_at = await self._approval(row, reviewed.subject, timed=not history)
        return Snapshot(
            intune_id=row.id,
            status=status_of(row.raw_status),
            subject=reviewed.subject,
            requestor=requestor,
            approver=approver,
            justification=row.justification,
            approval_note=row.approval_note,
            filed_at=row.filed_at,
            expires_at=row.expires_at,
            modified_at=row.modified_at,
            approved_at=approved_at,
            content_at=reviewed.changed_at,
            devices=_devices(row),
        )

    async def _reviewed(self, row: Row, known: Request | None) -> Reviewed:
        if known is None or known.filing is None:
            return await self.subjects.of_row(row)
        try:
            reviewed, _ = await self.subjects.of_order(known.filing.order)
        except NotFound:
            return Reviewed(known.subject, None)  # our own order may have deleted the device
        return reviewed

    async def _requestor(self, row: Row) -> Requestor:
        """Return who filed: the person in the row, else from Intune's audit events, else the application in the row."""
        identity = row.requestor
        if identity is None or not identity.is_person:
            identity = await self.intune.who_filed(row.id) or identity
        if identity is None:
            return None
        if identity.is_person:
            return await self._person(identity)
        owners = [await self._person(Identity(account, "", True)) for account in self.owners.get(identity.id, ())]
        return Application(identity.id, identity.name, tuple(owners))

    async def _approval(self, row: Row, subject: Subject, *, timed: bool) -> tuple[Eligibility | None, datetime | None]:
        """Return who decided in Intune, and when they approved, if that is needed (`timed`).

        An approved request was last changed when it was approved, a completed one when it was completed. Intune's audit
        may have what the row lacks.
        """
        status, by = status_of(row.raw_status), row.approver
        if status not in _DECIDED:
            return None, None
        at = row.modified_at if status is IntuneStatus.APPROVED else None
        named = by is not None and by.is_person
        if not named or (timed and at is None and status is not IntuneStatus.REJECTED):
            event = await self.intune.who_approved(row.id)
            by = by if named or event is None else event.by
            at = at or (event.at if event else None)
        return await self._approver(by, subject), at

    async def _approver(self, identity: Identity | None, subject: Subject) -> Eligibility | None:
        if identity is None or not identity.is_person:
            return None
        workflows = self.book.workflows_for(subject.policy_types, subject.kind, subject.device_count)
        groups = frozenset[str]().union(*(workflow.group_ids for workflow in workflows))
        found = await self.directory.eligibility(identity.id, groups)
        return found or Eligibility(await self._person(identity), frozenset(), active=False)

    async def _person(self, identity: Identity) -> Person:
        found = await self.directory.person(identity.id)
        return found or Person(identity.id, identity.name, frozenset({identity.id}), known=False)


def _devices(row: Row) -> tuple[str, ...]:
    """Return the id of every device in the row, each once; empty for one without an id."""
    ids = [str(device.get("deviceId") or "").casefold() for device in row.devices]
    return tuple(one for number, one in enumerate(ids) if not one or one not in ids[:number])


def status_of(raw: str) -> IntuneStatus:
    """Return Intune's status, or `UNKNOWN` for one that we do not know. Its console spells one of them with a single
    l."""
    word = "cancelled" if raw.casefold() == "canceled" else raw
    known = {status.casefold(): status for status in IntuneStatus}
    return known.get(word.casefold(), IntuneStatus.UNKNOWN)
