"""The first beat: what Intune and the directory say, turned into what the rules understand."""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from approvals.order import Order
from approvals.people import Application, Person, Requestor
from approvals.reading import reader_groups
from approvals.request import Fact, IntuneStatus, Request, Subject
from approvals.sighting import Sighting, Standing
from handlers.desk import Desk
from handlers.ports.errors import NotFound
from handlers.ports.intune import Content, Identity, Row

_DECIDED = frozenset({IntuneStatus.APPROVED, IntuneStatus.REJECTED, IntuneStatus.COMPLETED})


async def sighting(desk: Desk, row: Row, known: Request | None = None, *, history: bool = False) -> Sighting:
    """A row as the rules need it: who asked, who approved and how they stand, and what is reviewed.

    What we filed ourselves for a `known` request is reviewed as its target is now, not as Intune describes it. Of what
    ended before the bot first ran (`history`) nobody needs to know when it was approved.
    """
    (subject, content_at), requestor = await asyncio.gather(_subject(desk, row, known), _requestor(desk, row))
    approver, approved_at = await _approval(desk, row, subject, timed=not history)
    return Sighting(
        intune_id=row.id,
        status=status_of(row.raw_status),
        subject=subject,
        requestor=requestor,
        approver=approver,
        justification=row.justification,
        approval_note=row.approval_note,
        filed_at=row.filed_at,
        expires_at=row.expires_at,
        modified_at=row.modified_at,
        approved_at=approved_at,
        content_at=content_at,
    )


async def subject_of_order(desk: Desk, order: Order) -> Subject:
    """What an order is about, read now; `NotFound` if it is gone."""
    subject, _ = await _read(desk, (await desk.orders.plan(order)).row)
    return subject


async def standing(desk: Desk, request: Request, account: str, name: str) -> Standing:
    """How a person stands to a request right now; somebody the directory does not know stands nowhere."""
    return await standing_in(desk, account, name, reader_groups(request, desk.book))


async def standing_in(desk: Desk, account: str, name: str, group_ids: Iterable[str]) -> Standing:
    """Which of these groups hold a person right now; somebody the directory does not know stands nowhere."""
    found = await desk.directory.standing(account, group_ids)
    return found or Standing(Person(account, name, frozenset({account})), frozenset(), active=False)


async def voters(desk: Desk, request: Request) -> dict[str, Standing]:
    """Fresh standings of everybody who has voted, by account."""
    people = [vote.voter for vote in request.votes]
    fresh = await asyncio.gather(*(standing(desk, request, person.account, person.name) for person in people))
    return {person.account: stands for person, stands in zip(people, fresh, strict=True)}


def status_of(raw: str) -> IntuneStatus:
    """Intune's word, or `UNKNOWN` for one that we do not know. Its console spells one of them with a single l."""
    word = "cancelled" if raw.casefold() == "canceled" else raw
    known = {status.casefold(): status for status in IntuneStatus}
    return known.get(word.casefold(), IntuneStatus.UNKNOWN)


def subject_of(row: Row, content: Content) -> Subject:
    """Everything a reviewer judges, without what changes by itself (last contact, status, times)."""
    payload = {
        "operation": row.operation,
        "payload": row.payload,
        "patch": row.patch,
        "added": row.added,
        "existing": row.existing,
        "devices": row.devices,
    }
    return Subject(
        policy_types=row.policy_types,
        kind=row.kind,
        action=(row.action or row.operation or "change").lower(),
        target_id=row.target_id,
        target=row.target,
        payload_sha256=_sha256(payload),
        content_sha256=content.sha256,
        facts=tuple(Fact(label, value, before) for label, value, before in (*_device_lines(row), *content.facts)),
    )


def _device_lines(row: Row) -> list[tuple[str, str, str]]:
    shown = (("serialNumber", "Serial number"), ("primaryUserEmail", "Primary user"))
    return [
        (label, value, "") for device in row.devices for key, label in shown if (value := str(device.get(key) or ""))
    ]


def _sha256(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=list).encode()).hexdigest()


async def _subject(desk: Desk, row: Row, known: Request | None) -> tuple[Subject, datetime | None]:
    """What is reviewed, and when what it points to was last changed, where that is known."""
    if known is None or known.filing is None:
        return await _read(desk, row)
    try:
        return await _read(desk, (await desk.orders.plan(known.filing.order)).row)
    except NotFound:
        return known.subject, None  # a deleted device is gone by our own doing


async def _read(desk: Desk, row: Row) -> tuple[Subject, datetime | None]:
    content = await desk.intune.content(row)
    return subject_of(row, content), content.modified_at


async def _requestor(desk: Desk, row: Row) -> Requestor:
    """Who filed: by the row if it names a person, else by Intune's audit events, else the application in the row."""
    identity = row.requestor
    if identity is None or not identity.is_person:
        identity = await desk.intune.who_filed(row.id) or identity
    if identity is None:
        return None
    if identity.is_person:
        return await _person(desk, identity)
    owners = [await _person(desk, Identity(account, "", True)) for account in desk.owners.get(identity.id, ())]
    return Application(identity.id, identity.name, tuple(owners))


async def _approval(desk: Desk, row: Row, subject: Subject, *, timed: bool) -> tuple[Standing | None, datetime | None]:
    """Return who decided in Intune, and when they approved, if that is asked for (`timed`).

    An approved request last moved when it was approved, a completed one when it was completed. What the row does not
    say, Intune's audit may.
    """
    status, by = status_of(row.raw_status), row.approver
    if status not in _DECIDED:
        return None, None
    at = row.modified_at if status is IntuneStatus.APPROVED else None
    named = by is not None and by.is_person
    if not named or (timed and at is None and status is not IntuneStatus.REJECTED):
        event = await desk.intune.who_approved(row.id)
        by = by if named or event is None else event.by
        at = at or (event.at if event else None)
    return await _approver(desk, by, subject), at


async def _approver(desk: Desk, identity: Identity | None, subject: Subject) -> Standing | None:
    if identity is None or not identity.is_person:
        return None
    workflows = desk.book.workflows_for(subject.policy_types, subject.kind)
    groups = frozenset[str]().union(*(workflow.group_ids for workflow in workflows))
    found = await desk.directory.standing(identity.id, groups)
    return found or Standing(await _person(desk, identity), frozenset(), active=False)


async def _person(desk: Desk, identity: Identity) -> Person:
    found = await desk.directory.person(identity.id)
    return found or Person(identity.id, identity.name, frozenset({identity.id}), known=False)
