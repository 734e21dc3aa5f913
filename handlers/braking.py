"""Stopping every call to Intune at once, and letting them go on: one person stops, two people resume."""

from dataclasses import replace
from datetime import datetime

import structlog

from approvals.audit import AuditEntry, Identified, Kind
from approvals.brake import PAUSE, Brake
from approvals.effects import AwaitIntune, Complete, File, Planned
from approvals.people import Person
from approvals.sighting import Standing
from handlers.desk import Desk
from handlers.ports import Brakes, Outbox, Requests
from handlers.refusals import record

NOT_AN_APPROVER = "Only approvers can pause and resume."
NOT_PAUSED = "Nothing is paused."
LONGEST_REASON = 300
"""Characters; everybody who is stopped reads it."""

log = structlog.get_logger(__name__)


async def pause(desk: Desk, who: Standing, why: str) -> str:
    """Stop everything that would change something in Intune. Polling, votes and alarms go on."""
    if not (who.active and who.groups):
        return await record(desk, who.person, NOT_AN_APPROVER, command="/pause")
    sentence = await pull(desk.brakes, await desk.clock.now(), who.person, why)
    if desk.operations_channel:
        await desk.chat.say(desk.operations_channel, sentence)
    return sentence


async def pull(brakes: Brakes, now: datetime, person: Person | None, why: str) -> str:
    """Pull the brake on everything, in a person's name or, without one, as the operators; what holds from now on."""
    brake = Brake(PAUSE, person, _sentence(why), now)
    identified = Identified.BY_CHANNEL if person else Identified.NOBODY
    pulled = await brakes.swap(None, brake, [_entry(Kind.PAUSED, now, person, identified, why)])
    log.error("paused", pulled=pulled, person=person.account if person else "", why=why)
    return (brake if pulled else await _paused(brakes) or brake).sentence


async def resume(desk: Desk, who: Standing) -> str:
    """Let calls go on, once two people want it."""
    if not (who.active and who.groups):
        return await record(desk, who.person, NOT_AN_APPROVER, command="/resume")
    brake, now = await _paused(desk.brakes), await desk.clock.now()
    if brake is None:
        return NOT_PAUSED
    if any(person.is_same_as(who.person) for person in brake.released_by):
        return "You want it resumed already. It takes another approver: they write /resume as well."
    people = (*brake.released_by, who.person)
    enough = len(people) >= brake.releases_needed
    entry = _entry(Kind.RESUMED, now, who.person, Identified.BY_CHANNEL, f"{len(people)} of {brake.releases_needed}")
    after = None if enough else replace(brake, released_by=people)
    if not await desk.brakes.swap(brake, after, [entry]):
        return "Somebody else was faster. Please write it again."
    if not enough:
        return "Noted. It takes one more approver: they write /resume as well."
    await nudge(desk.requests, desk.outbox, now)
    if desk.operations_channel:
        await desk.chat.say(desk.operations_channel, f"Resumed by {' and '.join(person.name for person in people)}.")
    return "Resumed. What waited goes on now."


async def release(brakes: Brakes, requests: Requests, outbox: Outbox, brake: Brake, now: datetime) -> bool:
    """An operator has looked at it: take one brake off. False if somebody was faster."""
    entry = _entry(Kind.UNLOCKED, now, None, Identified.NOBODY, f"{brake.name}: {brake.why}")
    released = await brakes.swap(brake, None, [entry])
    if released:
        await nudge(requests, outbox, now)
    return released


async def nudge(requests: Requests, outbox: Outbox, now: datetime) -> None:
    """Whatever a brake has kept from being sent is tried now."""
    found = [await requests.load(request_id) for request_id in await requests.open_ids()]
    orders = [request.id for request in found if request and request.filing and not request.takes_votes]
    await outbox.plan([Planned(effect(one)) for one in orders for effect in (File, Complete, AwaitIntune)], now)


async def _paused(brakes: Brakes) -> Brake | None:
    return next((brake for brake in await brakes.on() if brake.name == PAUSE), None)


def _entry(kind: Kind, now: datetime, person: Person | None, identified: Identified, why: str) -> AuditEntry:
    account, name = (person.account, person.name) if person else ("", "")
    return AuditEntry(kind, now, who=account, name=name, identified=identified, why=why)


def _sentence(why: str) -> str:
    said = why.strip()[:LONGEST_REASON]
    return said if said.endswith((".", "!", "?")) else f"{said}."
