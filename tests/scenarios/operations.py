"""The true state of an operation on its devices, whatever Intune shows and whatever a bot says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from approvals.request import Execution
from simulator.graph.state import Filed
from simulator.graph.times import parsed
from simulator.tenant import Tenant

GONE_FOR_GOOD = timedelta(minutes=10)
"""How long a bot may wait before it believes that a record is gone. The bot counts from the first 404, which may have
come while the record still existed."""

FAILURES = frozenset({"failed", "canceled"})


@dataclass
class Device:
    """One device, by the record that it had when the operation was requested.

    That record goes on showing what was done to the device, even after Intune has removed it. `been` are the stages
    that the device has reached, in order.
    """

    record: Mapping[str, Any]
    been: list[str] = field(default_factory=lambda: [""])
    gone_since: datetime | None = None

    def look(self, site: Tenant) -> None:
        """Note how far the device is."""
        if self.begun is not None:
            _add(self.been, "pending")
            if site.clock.now() >= self.begun + site.graph.knobs.action_delay:
                _add(self.been, site.graph.knobs.action_outcome)
        if self.gone_since is None and self.record["id"] not in site.world.devices:
            self.gone_since = site.clock.now()

    @property
    def begun(self) -> datetime | None:
        """The time when the device was told."""
        results = self.record["deviceActionResults"]
        return parsed(results[-1]["startDateTime"]) if results else None

    @property
    def is_gone(self) -> bool:
        """Whether the device's record is no longer in Intune."""
        return self.gone_since is not None

    def may_be(self, site: Tenant) -> frozenset[Execution]:
        """Return how far a bot may believe the device to be, if the bot has had the time to look."""
        if self.begun is None:
            return frozenset({Execution.NONE, Execution.SENT})
        shown = site.graph.knobs.action_shown
        if self.gone_since is None:
            return _MAY_BE[shown, self.been[-1]]
        gone = frozenset({Execution.UNKNOWN, *({Execution.DONE} if "done" in self.been else {})})
        if site.clock.now() >= self.gone_since + GONE_FOR_GOOD:
            return gone
        return gone.union({Execution.SENT}, *(_MAY_BE[shown, state] for state in self.been[1:]))


_MAY_BE: Mapping[tuple[str, str], frozenset[Execution]] = {
    ("results", "pending"): frozenset({Execution.RUNNING}),
    ("results", "done"): frozenset({Execution.DONE}),
    ("results", "failed"): frozenset({Execution.FAILED}),
    ("results", "canceled"): frozenset({Execution.FAILED}),
    ("state", "pending"): frozenset({Execution.RUNNING}),
    # "Issued" says that the command was issued, and not that the device has done it.
    ("state", "done"): frozenset({Execution.RUNNING}),
    # The failure may belong to an earlier operation, unless this one was seen to be under way.
    ("state", "failed"): frozenset({Execution.FAILED, Execution.SENT}),
    ("state", "canceled"): frozenset({Execution.FAILED, Execution.SENT}),
    ("nowhere", "pending"): frozenset({Execution.SENT}),
    ("nowhere", "done"): frozenset({Execution.SENT}),
    ("nowhere", "failed"): frozenset({Execution.SENT}),
    ("nowhere", "canceled"): frozenset({Execution.SENT}),
}
"""How far a bot may believe a device to be, by where Intune shows it and how far it really is."""


def shown_status(site: Tenant, filed: Filed) -> str:
    """Return the status of a request as Intune shows it, which may lag behind the real one."""
    lags = filed.status == "completed" and site.clock.now() < filed.modified_at + site.graph.knobs.lags
    return "approved" if lags else filed.status


def _add(known: list[str], latest: str) -> None:
    if latest not in known:
        known.append(latest)
