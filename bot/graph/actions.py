"""The progress of an action, as the record of a device shows it.

The best source is `deviceActionResults`, which has times. In some tenants it always stays empty
(microsoftgraph/powershell-intune-samples#35, #161). Then only `managementState` changes, which has no time. Its values:
https://learn.microsoft.com/graph/api/resources/intune-devices-managementstate
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from approvals.device_actions import action_of
from approvals.order import Act
from bot.graph import loose
from handlers.ports.orders import Progress

CLOCKS_APART = timedelta(minutes=1)
"""Tolerance between Intune's clock and ours."""

_RESULTS = {
    "pending": Progress.RUNNING,
    "active": Progress.RUNNING,
    "done": Progress.DONE,
    "failed": Progress.FAILED,
    "notsupported": Progress.FAILED,
    "canceled": Progress.FAILED,
    "cancelled": Progress.FAILED,
}

_STATES = {
    "pending": Progress.RUNNING,  # in progress on the device
    "issued": Progress.RUNNING,  # the command was issued; the device may not have carried it out
    "failed": Progress.STOPPED,
    "canceled": Progress.STOPPED,
    "cancelled": Progress.STOPPED,
}


def progress_of(act: Act, device: Mapping[str, Any], since: datetime) -> Progress:
    """Return the progress of this act, which was sent at `since`."""
    results = [
        one
        for one in loose.objects(loose.get(device, "deviceActionResults"))
        if action_of(loose.text(one, "actionName")) == act.value
    ]
    dated = [(at, one) for one in results if (at := _began(one)) is not None]  # their order is not guaranteed
    began, latest = max(dated, key=lambda pair: pair[0], default=(None, {}))
    if began is not None and began >= since - CLOCKS_APART:
        return _RESULTS.get(_state(latest)) or _by_state(act, device, since)
    earlier = latest or (results[-1] if results else None)
    return Progress.WAITING if _is_told_by(earlier, device) else _by_state(act, device, since)


def _began(result: Mapping[str, Any]) -> datetime | None:
    """Return when it began or, if that is missing, when it was last updated."""
    return loose.moment(result, "startDateTime") or loose.moment(result, "lastUpdatedDateTime")


def _state(result: Mapping[str, Any]) -> str:
    return loose.text(result, "actionState").casefold()


def _is_told_by(earlier: Mapping[str, Any] | None, device: Mapping[str, Any]) -> bool:
    """Return whether the state may belong to the earlier action: if that has ended, only a new one can be pending."""
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
