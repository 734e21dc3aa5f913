"""What the record of a device shows of something that was done to it.

Its `deviceActionResults` say it best, with a time. In some tenants they stay empty for ever, and only
`managementState` moves (microsoftgraph/powershell-intune-samples#35, #161), which has no time. What it means:
https://learn.microsoft.com/graph/api/resources/intune-devices-managementstate
"""

from collections.abc import Mapping, Sequence
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
}

_STATES = {
    "pending": Progress.RUNNING,  # it is occurring on the device
    "issued": Progress.RUNNING,  # the command was issued, which is not to say that the device has done it
    "failed": Progress.STOPPED,
    "canceled": Progress.STOPPED,
}


def progress_of(act: Act, device: Mapping[str, Any], since: datetime) -> Progress:
    """How far this act has come that was sent at `since`."""
    results = [
        one
        for one in loose.objects(loose.get(device, "deviceActionResults"))
        if loose.text(one, "actionName").casefold() == act.value
    ]
    for result in reversed(results):
        started = loose.moment(result, "startDateTime")
        if started is not None and started >= since - CLOCKS_APART:
            known = _RESULTS.get(loose.text(result, "actionState").casefold())
            return known or _by_state(act, device, since)
    return Progress.WAITING if _is_told_by(results, device) else _by_state(act, device, since)


def _is_told_by(earlier: Sequence[Mapping[str, Any]], device: Mapping[str, Any]) -> bool:
    """Whether the state may be that of an earlier one: only a new one is pending where the last one has ended."""
    if not earlier:
        return False
    last = _RESULTS.get(loose.text(earlier[-1], "actionState").casefold())
    ended = last in (Progress.DONE, Progress.FAILED)
    return not (ended and loose.text(device, "managementState").casefold().endswith("pending"))


def _by_state(act: Act, device: Mapping[str, Any], since: datetime) -> Progress:
    state = loose.text(device, "managementState").casefold()
    if state.startswith(act.value):
        return _STATES.get(state.removeprefix(act.value), Progress.WAITING)
    enrolled = loose.moment(device, "enrolledDateTime")
    return Progress.ANEW if enrolled is not None and enrolled > since + CLOCKS_APART else Progress.WAITING
