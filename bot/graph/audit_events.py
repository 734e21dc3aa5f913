"""The requestor and the approver of a request, from Intune's audit events: for rows that do not name them.

The wording of these events is not documented. So they are matched by the request's id and read with care: an event that
failed, or that names nobody, proves nothing.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.graph import loose
from bot.graph.http import GraphClient
from bot.graph.rows import NEVER
from handlers.ports.intune import ApprovalEvent, Audited, Identity

Event = Mapping[str, Any]

_SLACK = timedelta(minutes=5)
"""Tolerance between the audit's clock and the request's, and for an event that is written after the filing."""

_APPROVES = re.compile(r"approve(?!r)", re.IGNORECASE)  # does not match "approval" or "approver"
_OTHERWISE = re.compile(r"reject|cancel|complete|expire|disapprove|unapprove", re.IGNORECASE)


async def events_about(client: GraphClient, intune_id: str, filed_at: datetime) -> list[Event]:
    """Return Intune's audit events about this request since it was filed, oldest first, without failed ones."""
    if filed_at == NEVER:
        return []
    since = f"{filed_at - _SLACK:%Y-%m-%dT%H:%M:%SZ}"
    query = {"$filter": f"activityDateTime ge {since}"}
    # Filters on the events' resources are unreliable, so they are matched here.
    events = [event async for event in client.items("/v1.0/deviceManagement/auditEvents", query)]
    told = [event for event in events if _names(event, intune_id) and not _failed(event)]
    return sorted((event for event in told if _at(event)), key=lambda event: str(_at(event)))


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval of anything in Intune's audit. `about` are the ids of what the event names; `by` is the account,
    empty if no person is named."""

    about: tuple[str, ...]
    by: str
    who: str
    at: datetime


async def approvals_since(client: GraphClient, since: datetime) -> list[Approval]:
    """Return everything since then that looks like an approval of anything; the caller knows which ids are requests."""
    query = {"$filter": f"activityDateTime ge {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    found = []
    async for event in client.items("/v1.0/deviceManagement/auditEvents", query):
        words, actor, at = _words(event), _actor(event), _at(event)
        if at is None or _failed(event) or not _APPROVES.search(words) or _OTHERWISE.search(words):
            continue
        ids = tuple(loose.text(resource, "resourceId") for resource in loose.objects(loose.get(event, "resources")))
        by = actor.id if actor and actor.is_person else ""
        found.append(Approval(ids, by, (actor.name or actor.id) if actor else "somebody who is not named", at))
    return found


async def actions_of(client: GraphClient, accounts: Collection[str], since: datetime) -> list[Audited]:
    """Return what these accounts have done since then, to anything. An event that names no resource is not a change."""
    query = {"$filter": f"activityDateTime ge {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    events = [event async for event in client.items("/v1.0/deviceManagement/auditEvents", query)]
    wanted = {account.casefold(): account for account in accounts}
    found = [_audited(event, wanted) for event in events if not _failed(event)]
    return [one for one in found if one is not None]


def _audited(event: Event, wanted: Mapping[str, str]) -> Audited | None:
    by = wanted.get(loose.text(loose.get(event, "actor"), "userId").casefold())
    identity, at = loose.text(event, "id"), _at(event)
    resources = list(loose.objects(loose.get(event, "resources")))
    about = tuple(filter(None, (loose.text(one, "resourceId") for one in resources)))
    if by is None or not identity or at is None or not about:
        return None
    what = loose.text(event, "activity", "displayName", "activityType") or "changed"
    return Audited(identity, by, what, loose.text(resources[0], "displayName") or about[0], about, at)


def filer(events: list[Event], filed_at: datetime) -> Identity | None:
    """Return the actor of the first event, if it was written when the request was filed and is not a decision on it.

    A later event, or a decision, would name another person as the requestor, so the real requestor could vote.
    """
    first = next(iter(events), None)
    at = _at(first)
    if first is None or at is None or abs(at - filed_at) > _SLACK:
        return None
    words = _words(first)
    return None if _APPROVES.search(words) or _OTHERWISE.search(words) else _actor(first)


def approval(events: list[Event]) -> ApprovalEvent | None:
    """Return the latest approval."""
    approvals = [event for event in events if _APPROVES.search(_words(event)) and not _OTHERWISE.search(_words(event))]
    at = _at(approvals[-1]) if approvals else None
    return ApprovalEvent(at, _actor(approvals[-1])) if at is not None else None


def _words(event: Event) -> str:
    return " ".join(loose.text(event, name) for name in ("activityType", "activity", "displayName"))


def _names(event: Event, intune_id: str) -> bool:
    resources = loose.objects(loose.get(event, "resources"))
    return any(loose.text(resource, "resourceId").casefold() == intune_id.casefold() for resource in resources)


def _failed(event: Event) -> bool:
    return loose.text(event, "activityResult").casefold() not in {"", "success", "succeeded"}


def _at(event: Event | None) -> datetime | None:
    return loose.moment(event, "activityDateTime")


def _actor(event: Event) -> Identity | None:
    """Return the person if the event names one, else the application. Some events name both."""
    actor = loose.get(event, "actor")
    person = loose.text(actor, "userId", "userPrincipalName")
    if person:
        return Identity(id=person, name=loose.text(actor, "userPrincipalName"), is_person=True)
    application = loose.text(actor, "applicationId")
    name = loose.text(actor, "applicationDisplayName", "servicePrincipalName")
    return Identity(id=application, name=name, is_person=False) if application else None
