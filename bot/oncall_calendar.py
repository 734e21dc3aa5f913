"""Who is on call: an iCalendar feed."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import structlog

from bot.calendar_shifts import Shift, Unreadable, shifts
from bot.graph.names import Find
from handlers.ports import Clock, OnCall

EVERY = timedelta(minutes=5)
"""The feed is asked so often at most, whether it answers or not."""

GOOD_FOR = timedelta(hours=24)
"""So long its last answer counts while it is down; then nobody knows any more who changed shifts with whom."""

LARGEST = 2 * 1024 * 1024
"""Bytes of a feed: years of a team's shifts. What is larger is not read."""

TIMEOUT = aiohttp.ClientTimeout(total=10)

log = structlog.get_logger(__name__)


class CalendarFeed:
    """The port `OnCall` over a feed at an https address, which is never logged: whoever knows it can read the feed.

    `find` tells the account that a name or an address stands for. Where the feed names nobody, `otherwise` is asked.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        zone: ZoneInfo,
        find: Find,
        clock: Clock,
        otherwise: OnCall,
    ) -> None:
        self._session = session
        self._url = url
        self._zone = zone
        self._find = find
        self._clock = clock
        self._otherwise = otherwise
        self._asking = asyncio.Lock()
        self._asked_at: datetime | None = None
        self._read_at: datetime | None = None
        self._shifts: tuple[Shift, ...] = ()

    async def now(self, at: datetime) -> tuple[str, ...]:
        """The accounts that are on call then, of the shift that began last first, each in the order of its event."""
        names = [name for shift in await self._known() if shift.start <= at < shift.end for name in shift.people]
        found = [await self._find(name) for name in dict.fromkeys(names)]
        accounts = tuple(dict.fromkeys(account for account in found if account))
        if names and not accounts:
            log.warning("on_call_calendar_names_strangers", names=len(names))
        return accounts or await self._otherwise.now(at)

    async def _known(self) -> tuple[Shift, ...]:
        now = await self._clock.now()
        async with self._asking:
            if not _is_within(EVERY, self._asked_at, now):
                self._asked_at = now
                await self._read(now)
        if _is_within(GOOD_FOR, self._read_at, now):
            return self._shifts
        log.warning("on_call_calendar_unknown", read_at=str(self._read_at))
        return ()

    async def _read(self, now: datetime) -> None:
        """Read it for as long as the answer may have to last, beside the event loop: a large feed takes seconds."""
        try:
            feed = await self._fetch()
            self._shifts = await asyncio.to_thread(shifts, feed, self._zone, now - GOOD_FOR, now + GOOD_FOR + EVERY)
            self._read_at = now
        except (aiohttp.ClientError, TimeoutError, OSError, Unreadable) as error:
            why = str(error) if isinstance(error, Unreadable) else type(error).__name__
            log.warning("on_call_calendar_unread", why=why)

    async def _fetch(self) -> str:
        """Its text. No redirection is followed: it could lead out of https."""
        async with self._session.get(self._url, timeout=TIMEOUT, allow_redirects=False) as answer:
            if answer.status != 200:
                raise Unreadable(f"the feed answered {answer.status}")
            feed = bytearray()
            async for chunk in answer.content.iter_any():
                feed += chunk
                if len(feed) > LARGEST:
                    raise Unreadable("the feed is too large")
        return feed.decode("utf-8-sig", errors="replace")


def _is_within(time: timedelta, since: datetime | None, now: datetime) -> bool:
    return since is not None and timedelta() <= now - since < time
