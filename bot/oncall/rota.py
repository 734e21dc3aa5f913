"""The people on call by the configuration: a weekly rota with overrides, or a calendar that takes precedence."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import aiohttp

from approvals.hours import Hours
from bot.config.emergency import OnCallSettings, ShiftSettings
from bot.config.parts import DAYS
from bot.graph.http import GraphClient
from bot.graph.names import Find, NoUsableAccount, look_up
from bot.oncall.calendar import CalendarFeed
from handlers.ports.clock import Clock


class Rota:
    """The port `OnCall` over weekly shifts. The first matching override takes precedence over every shift."""

    def __init__(self, written: OnCallSettings, find: Find) -> None:
        self._overrides = written.overrides
        self._zone = ZoneInfo(written.time_zone)
        self._shifts = [(_hours(self._zone, shift), shift.people) for shift in written.rota]
        self._find = find

    async def now(self, at: datetime) -> tuple[str, ...]:
        """Return the accounts on call at that time, in the order of paging. Names without an account are left out."""
        found = [await self._find(name) for name in self._names(at)]
        return tuple(
            dict.fromkeys(account for account in found if account and not isinstance(account, NoUsableAccount))
        )

    def _names(self, at: datetime) -> Iterable[str]:
        for override in self._overrides:
            if self._moment(override.start) <= at < self._moment(override.end):
                return override.people
        return next((people for hours, people in self._shifts if hours.is_open(at)), ())

    def _moment(self, written: datetime) -> datetime:
        """Interpret a time without a zone in the rota's zone."""
        return written if written.tzinfo else written.replace(tzinfo=self._zone)


class NobodyOnCall:
    """The port `OnCall` where none is configured."""

    async def now(self, at: datetime) -> tuple[str, ...]:  # noqa: ARG002  the port's
        """Always empty."""
        return ()


def on_call(
    written: OnCallSettings | None, graph: GraphClient, session: aiohttp.ClientSession, clock: Clock
) -> CalendarFeed | Rota | NobodyOnCall:
    """Create the port `OnCall` from the configuration: the feed if there is one, and the rota where it names nobody."""
    if written is None:
        return NobodyOnCall()
    find = partial(look_up, graph)
    rota = Rota(written, find)
    zone = ZoneInfo(written.time_zone)
    return CalendarFeed(session, written.calendar, zone, find, clock, rota) if written.calendar else rota


def _hours(zone: ZoneInfo, shift: ShiftSettings) -> Hours:
    return Hours(zone, frozenset(DAYS.index(day) for day in shift.days), shift.start, shift.end)
