"""The first beat: what Intune and the directory say, turned into what the rules understand."""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from approvals.order import Order
from approvals.people import Application, Person, Requestor
from approvals.reading import reader_groups
from approvals.request import Fact, IntuneStatus, Request, Subject
from approvals.sighting import Sighting, Standing
from handlers.desk import Desk
from handlers.ports import Content, Identity, NotFound, Row

_DECIDED = frozenset({IntuneStatus.APPROVED, IntuneStatus.REJECTED, IntuneStatus.COMPLETED})


async def sighting(desk: Desk, row: Row, known: Request | None = None) -> Sighting:
    """A row as the rules need it: who asked, who approved and how they stand, and what is reviewed.

    What we filed ourselves for a `known` request is reviewed as its target is now, not as Intune describes it.
    """
    subject, requestor = await asyncio.gather(_subject(desk, row, known), _requestor(desk, row))
    return Sighting(
        intune_id=row.id,
        status=status_of(row.raw_status),
        subject=subject,
        requestor=requestor,
        approver=await _approver(desk, row, subject),
        justification=row.justification,
        approval_note=row.approval_note,
        filed_at=row.filed_at,
        expires_at=row.expires_at,
        modified_at=row.modified_at,
    )


async def subject_of_order(desk: Desk, order: Order) -> Subject:
    """What an order is about, read now; `NotFound` if it is gone."""
    plan = await desk.orders.plan(order)
    return subject_of(plan.row, await desk.intune.content(plan.row))


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


async def _subject(desk: Desk, row: Row, known: Request | None) -> Subject:
    if known is None or known.filing is None:
        return subject_of(row, await desk.intune.content(row))
    try:
        return await subject_of_order(desk, known.filing.order)
    except NotFound:
        return known.subject  # a deleted device is gone by our own doing


async def _requestor(desk: Desk, row: Row) -> Requestor:
    """Who filed: by the row if it names a person, else by Intune's audit events, else the application in the row."""
    identity = row.requestor
    if identity is None or not identity.is_person:
        identity = await desk.intune.who_filed(row.id) or identity
    if identity is None:
        return None
    if identity.is_person:
        return await _person(desk, identity)
    owners = [await desk.directory.person(account) for account in desk.owners.get(identity.id, ())]
    return Application(identity.id, identity.name, tuple(owner for owner in owners if owner))


async def _approver(desk: Desk, row: Row, subject: Subject) -> Standing | None:
    if status_of(row.raw_status) not in _DECIDED:
        return None
    identity = row.approver
    if identity is None or not identity.is_person:
        identity = await desk.intune.who_approved(row.id)
    if identity is None or not identity.is_person:
        return None
    workflows = desk.book.workflows_for(subject.policy_types, subject.kind)
    groups = frozenset[str]().union(*(workflow.group_ids for workflow in workflows))
    found = await desk.directory.standing(identity.id, groups)
    return found or Standing(await _person(desk, identity), frozenset(), active=False)


async def _person(desk: Desk, identity: Identity) -> Person:
    known = await desk.directory.person(identity.id)
    return known or Person(identity.id, identity.name, frozenset({identity.id}))
