"""Following an operation on many devices: each device separately, a limited number at a time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from approvals import lifecycle
from approvals.change import Change
from approvals.completing import FOLLOWED_FOR, GONE_FOR_GOOD, OVER, doubt, gone, gone_for_good_at, next_look, reach
from approvals.effects import Follow
from approvals.followed import operation_of
from approvals.held import FIRST_LOOK
from approvals.lifecycle import ExecutionEvent
from approvals.order import Act
from approvals.outcome import Outcome
from approvals.request import Execution, OnDevice, Request, Sent

UNREAD_AGAIN = timedelta(minutes=5)
"""A device that could not be read is looked at again after this time at the latest: most refusals pass, and 5 minutes
is the longest pause of any effect that is tried again."""

MOST_AT_ONCE = 20
"""Devices in one look, as many as Graph takes in one batch (https://learn.microsoft.com/graph/json-batching): this
takes a few seconds, so other work does not wait for long."""


class Absent(StrEnum):
    """A result of looking at a device that is not its operation."""

    MISSING = "missing"
    UNREADABLE = "we may not read it now, which says nothing of it"


Seen = ExecutionEvent | Absent | None
"""The result of one look at a device; `None` if it shows nothing of the operation."""


@dataclass(frozen=True, slots=True)
class Round:
    """The ids of the devices to look at now, and where the next look begins."""

    devices: tuple[str, ...]
    begins: int


@dataclass(frozen=True, slots=True)
class Count:
    """The number of devices, and of those done, failed and unknown."""

    of: int
    done: int
    failed: int
    unknown: int


def count_of(devices: Iterable[OnDevice]) -> Count:
    """Count the devices by state."""
    reached = [device.execution for device in devices]
    return Count(len(reached), *(reached.count(one) for one in (Execution.DONE, Execution.FAILED, Execution.UNKNOWN)))


def next_round(sent: Sent, begins: int) -> Round:
    """Return the next devices that are not over, from `begins` on; after the last device, continue with the first."""
    waiting = [number for number, device in enumerate(sent.devices) if device.id and device.execution not in OVER]
    ordered = [*(one for one in waiting if one >= begins), *(one for one in waiting if one < begins)]
    chosen = ordered[:MOST_AT_ONCE]
    return Round(tuple(sent.devices[one].id for one in chosen), chosen[-1] + 1 if chosen else 0)


def looked(request: Request, seen: Mapping[str, Seen], begins: int, now: datetime) -> Outcome:
    """Record what was seen of some devices; until all of them are over, plan a look at the next ones."""
    change = Change(request, now)
    sent, order = request.sent, operation_of(request)
    if sent is None or order is None or request.execution in OVER:
        return change.outcome()
    ended = now >= sent.at + FOLLOWED_FOR
    devices = tuple(_stepped(device, seen, order.act, now) for device in sent.devices)
    devices = tuple(_lost(device) for device in devices) if ended else devices
    change.request = replace(request, sent=replace(sent, devices=devices))
    reach(change, _together(devices, ended=ended))
    if not ended and change.request.execution not in OVER:
        doubt(change)
        change.plan(Follow(request.id, begins), min([_soon(change, sent), *_awaited(devices, seen, now)]))
    return change.outcome()


def _stepped(device: OnDevice, seen: Mapping[str, Seen], act: Act, now: datetime) -> OnDevice:
    if device.id not in seen or device.execution in OVER:
        return device
    look = seen[device.id]
    match look:
        case Absent.UNREADABLE:
            return device
        case Absent.MISSING:
            since = device.missing_since or now
            missing = replace(device, missing_since=since)
            return _moved(missing, gone(act)) if now >= since + GONE_FOR_GOOD else missing
        case ExecutionEvent() | None:
            return _moved(replace(device, missing_since=None), look)
        case _:
            assert_never(look)


def _lost(device: OnDevice) -> OnDevice:
    return _moved(device, ExecutionEvent.LOST)


def _moved(device: OnDevice, event: ExecutionEvent | None) -> OnDevice:
    if event is None or not lifecycle.may(device.execution, event):
        return device
    return replace(device, execution=lifecycle.execute(device.execution, event))


def _together(devices: tuple[OnDevice, ...], *, ended: bool) -> Execution:
    """Return the state of the operation as a whole: it is over when it is over on every device."""
    count = count_of(devices)
    if ended or count.done + count.failed == count.of:
        rest = Execution.UNKNOWN if count.unknown else Execution.DONE
        return Execution.FAILED if count.failed else rest
    if count.unknown == count.of:
        return Execution.UNKNOWN
    begun = any(device.execution in OVER | {Execution.RUNNING} for device in devices)
    return Execution.RUNNING if begun else Execution.SENT


def _awaited(devices: Iterable[OnDevice], seen: Mapping[str, Seen], now: datetime) -> Iterator[datetime]:
    """Yield when devices of which this look says nothing yet are to be looked at again."""
    if Absent.UNREADABLE in seen.values():
        yield now + UNREAD_AGAIN
    for device in devices:
        if at := gone_for_good_at(device.missing_since, now):
            yield max(at, now + FIRST_LOOK)


def _soon(change: Change, sent: Sent) -> datetime:
    """Return when to look at the next devices. They are looked at in turns, each about as often as if it were the
    only one."""
    waiting = sum(device.execution not in OVER for device in sent.devices)
    rounds = max(1, -(-waiting // MOST_AT_ONCE))
    return change.now + max((next_look(change, sent) - change.now) / rounds, FIRST_LOOK)
