"""What the record of a device shows of something that was done to it.

Its `deviceActionResults` say it best, with a time. In some tenants they stay empty for ever, and only
`managementState` moves (microsoftgraph/powershell-intune-samples#35, #161), which has no time. What it means:
https://learn.microsoft.com/graph/api/resources/intune-devices-managementstate
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from approvals.order import Act
from bot.graph import loose
from handlers.ports.orders import Progress

CLOCKS_APART = timedelta(minutes=1)
"""Intune's clock and ours need not agree to the second."""

_RESULTS = {
    "pending": Progress.RUNNING,
    "active": Progress.RUNNING,
    "done": Progress.DONE,
    "failed": Progress.FAILED,
    "notsupported": Progress.FAILED,
    "canceled": Progress.FAILED,
    "cancelled": Progress.FAILED,
}

_NAMES = {Act.WIPE: frozenset({"wipe", "factoryreset"}), Act.RETIRE: frozenset({"retire", "removecompanydata"})}
"""The words of Intune's own audit of such actions are others than those of the calls:
https://learn.microsoft.com/graph/api/resources/intune-devices-remoteactionaudit"""

_STATES = {
    "pending": Progress.RUNNING,  # it is occurring on the device
    "issued": Progress.RUNNING,  # the command was issued, which is not to say that the device has done it
    "failed": Progress.STOPPED,
    "canceled": Progress.STOPPED,
    "cancelled": Progress.STOPPED,
}


def progress_of(act: Act, device: Mapping[str, Any], since: datetime) -> Progress:
    """How far this act has come that was sent at `since`."""
    results = [
        one
        for one in loose.objects(loose.get(device, "deviceActionResults"))
        if loose.text(one, "actionName").casefold() in _NAMES.get(act, {act.value})
    ]
    dated = [(at, one) for one in results if (at := _began(one)) is not None]  # no order of them is promised
    began, latest = max(dated, key=lambda pair: pair[0], default=(None, {}))
    if began is not None and began >= since - CLOCKS_APART:
        return _RESULTS.get(_state(latest)) or _by_state(act, device, since)
    earlier = latest or (results[-1] if results else None)
    return Progress.WAITING if _is_told_by(earlier, device) else _by_state(act, device, since)


def _began(result: Mapping[str, Any]) -> datetime | None:
    """When it began; where that is not said, when it last moved."""
    return loose.moment(result, "startDateTime") or loose.moment(result, "lastUpdatedDateTime")


def _state(result: Mapping[str, Any]) -> str:
    return loose.text(result, "actionState").casefold()


def _is_told_by(earlier: Mapping[str, Any] | None, device: Mapping[str, Any]) -> bool:
    """Whether the state may be that of an earlier one: only a new one is pending where the last one has ended."""
    if earlier is None:
        return False
    ended = _RESULTS.get(_state(earlier)) in (Progress.DONE, Progress.FAILED)
    return not (ended and loose.text(device, "managementState").casefold().endswith("pending"))


def _by_state(act: Act, device: Mapping[str, Any], since: datetime) -> Progress:
    state = loose.text(device, "managementState").casefold()
    if state.startswith(act.value):
        return _STATES.get(state.removeprefix(act.value), Progress.WAITING)
    enrolled = loose.moment(device, "enrolledDateTime")
    return Progress.ANEW if enrolled is not None and enrolled > since + CLOCKS_APART else Progress.WAITING
