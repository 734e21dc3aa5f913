"""Who is on call: a weekly rota with overrides, from the configuration."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.config_emergency import OnCall, Shift
from bot.config_parts import DAYS
from bot.graph.http import GraphClient
from bot.graph.people import read_account

Find = Callable[[str], Awaitable[str | None]]
"""The account (object id) that somebody's name stands for, if there is one."""

_DAY = timedelta(days=1)


class Rota:
    """The port `OnCall` over weekly shifts. The first override that holds goes before every shift."""

    def __init__(self, written: OnCall, find: Find) -> None:
        self._written = written
        self._zone = ZoneInfo(written.time_zone)
        self._find = find

    async def now(self, at: datetime) -> tuple[str, ...]:
        """The accounts that are on call then, the first to be paged first; names that nobody has are left out."""
        found = [await self._find(name) for name in self._names(at)]
        return tuple(dict.fromkeys(account for account in found if account))

    def _names(self, at: datetime) -> Iterable[str]:
        local = at.astimezone(self._zone)
        for override in self._written.overrides:
            if self._local(override.start) <= local < self._local(override.end):
                return override.people
        for shift in self._written.rota:
            if self._holds(shift, local):
                return shift.people
        return ()

    def _local(self, written: datetime) -> datetime:
        """A time without a zone is one of the rota's; with one it is what it says."""
        return written if written.tzinfo else written.replace(tzinfo=self._zone)

    def _holds(self, shift: Shift, local: datetime) -> bool:
        """Whether a shift of today or yesterday is under way, by the clock on the wall."""
        days = {DAYS.index(day) for day in shift.days}
        wall = local.replace(tzinfo=None)
        for day in (wall.date(), wall.date() - _DAY):
            if day.weekday() not in days:
                continue
            start = datetime.combine(day, shift.start)
            end = datetime.combine(day if shift.end > shift.start else day + _DAY, shift.end)
            if start <= wall < end:
                return True
        return False


class NobodyOnCall:
    """The port `OnCall` where none is configured."""

    async def now(self, at: datetime) -> tuple[str, ...]:  # noqa: ARG002  the port's
        """Nobody, ever."""
        return ()


def on_call(written: OnCall | None, graph: GraphClient) -> Rota | NobodyOnCall:
    """Who is on call by the configuration."""
    return Rota(written, partial(_account, graph)) if written else NobodyOnCall()


async def _account(graph: GraphClient, name: str) -> str | None:
    account = await read_account(graph, name)
    return account.id if account and account.active else None
