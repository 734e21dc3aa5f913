"""Who is on call: a weekly rota with overrides, from the configuration."""

import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from approvals.hours import Hours
from bot.config_emergency import OnCall, Shift
from bot.config_parts import DAYS
from bot.graph import loose
from bot.graph.http import GraphClient
from bot.graph.people import ACCOUNT_FIELDS, Account, literal, parse_account, read_account

Find = Callable[[str], Awaitable[str | None]]
"""The account (object id) that somebody's name stands for, if there is one."""

_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

log = structlog.get_logger(__name__)


class Rota:
    """The port `OnCall` over weekly shifts. The first override that holds goes before every shift."""

    def __init__(self, written: OnCall, find: Find) -> None:
        self._overrides = written.overrides
        self._zone = ZoneInfo(written.time_zone)
        self._shifts = [(_hours(written.time_zone, shift), shift.people) for shift in written.rota]
        self._find = find

    async def now(self, at: datetime) -> tuple[str, ...]:
        """The accounts that are on call then, the first to be paged first; names that nobody has are left out."""
        found = [await self._find(name) for name in self._names(at)]
        return tuple(dict.fromkeys(account for account in found if account))

    def _names(self, at: datetime) -> Iterable[str]:
        for override in self._overrides:
            if self._moment(override.start) <= at < self._moment(override.end):
                return override.people
        return next((people for hours, people in self._shifts if hours.is_open(at)), ())

    def _moment(self, written: datetime) -> datetime:
        """A time without a zone is one of the rota's; with one it is what it says."""
        return (written if written.tzinfo else written.replace(tzinfo=self._zone)).astimezone(UTC)


class NobodyOnCall:
    """The port `OnCall` where none is configured."""

    async def now(self, at: datetime) -> tuple[str, ...]:  # noqa: ARG002  the port's
        """Nobody, ever."""
        return ()


def on_call(written: OnCall | None, graph: GraphClient) -> Rota | NobodyOnCall:
    """Who is on call by the configuration."""
    return Rota(written, partial(find_account, graph)) if written else NobodyOnCall()


async def find_account(graph: GraphClient, name: str) -> str | None:
    """The one active account of this object id, user principal name, mail address or display name."""
    wanted = name.strip()
    if _OBJECT_ID.fullmatch(wanted) or "@" in wanted:
        account = await read_account(graph, wanted)
        if account is not None:
            return account.id if account.active else None
    found = [one for one in await _named(graph, wanted) if one.active]
    if len(found) > 1:
        log.warning("on_call_name_is_ambiguous", accounts=len(found))
    return found[0].id if len(found) == 1 else None


async def _named(graph: GraphClient, wanted: str) -> list[Account]:
    """By mail address or by display name; nobody has promised that Graph compares as we do."""
    if not wanted:
        return []
    known_by = "mail" if "@" in wanted else "displayName"
    query = {"$filter": f"{known_by} eq {literal(wanted)}", "$select": f"{ACCOUNT_FIELDS},mail"}
    users = [user async for user in graph.items("/v1.0/users", query)]
    return [parse_account(user) for user in users if loose.text(user, known_by).casefold() == wanted.casefold()]


def _hours(zone: str, shift: Shift) -> Hours:
    return Hours(zone, frozenset(DAYS.index(day) for day in shift.days), shift.start, shift.end)
