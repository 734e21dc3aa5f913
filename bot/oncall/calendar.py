"""The people on call, from an iCalendar feed."""

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import structlog

from bot.graph.names import Find
from bot.oncall.reader import LIMIT, read_feed
from bot.oncall.shifts import Reading, Shift, UnreadableCalendar
from bot.oncall.titles import meant
from handlers.ports.clock import Clock
from handlers.ports.people import OnCall

EVERY = timedelta(minutes=5)
"""Shortest time between two requests to the feed, whether it answers or not."""

GOOD_FOR = timedelta(hours=24)
"""How long the last answer is used while the feed is down. After that, swapped shifts would be unknown."""

LARGEST = 2 * 1024 * 1024
"""Bytes of a feed: years of a team's shifts. A larger one is not read."""

MOMENT = timedelta(seconds=1)
"""How long a lookup waits for a running read while the last one is still valid."""

_MOST_TOLD = 10  # unreadable events that are logged

TIMEOUT = aiohttp.ClientTimeout(total=10)

log = structlog.get_logger(__name__)


class CalendarFeed:
    """The port `OnCall` over a feed at an https address, which is never logged: it grants access to the feed.

    `find` returns the account for a name or an address. Where the feed names nobody, `otherwise` is asked.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        zone: ZoneInfo,
        find: Find,
        clock: Clock,
        otherwise: OnCall,
        *,
        moment: timedelta = MOMENT,
        limit: timedelta = LIMIT,
    ) -> None:
        self._session = session
        self._url = url
        self._zone = zone
        self._find = find
        self._clock = clock
        self._otherwise = otherwise
        self._moment = moment
        self._limit = limit
        self._under_way: asyncio.Task[None] | None = None
        self._asked_at: datetime | None = None
        self._read_at: datetime | None = None
        self._reading = Reading(())
        self._trouble = ""

    async def now(self, at: datetime) -> tuple[str, ...]:
        """Return the accounts on call at that time, latest start of a shift first, each in the order of its event."""
        found = await meant(self._find, (shift for shift in await self._known() if shift.start <= at < shift.end))
        accounts = tuple(dict.fromkeys(account for one in found for account in one.accounts))
        if strangers := sum(not (one.accounts or one.unclear) for one in found):
            log.warning("on_call_calendar_names_strangers", names=strangers)
        if unclear := sum(one.unclear for one in found):
            log.warning("on_call_calendar_is_unclear", names=unclear)
        return accounts or await self._otherwise.now(at)

    async def _known(self) -> tuple[Shift, ...]:
        """Return the shifts of the last valid read. Wait for a running read only if there is none."""
        now = await self._clock.now()
        if self._is_due(now):
            self._asked_at = now
            self._under_way = asyncio.create_task(self._read(now))
        if self._under_way is not None:
            holds = _is_within(GOOD_FOR, self._read_at, now)
            await asyncio.wait({self._under_way}, timeout=self._moment.total_seconds() if holds else None)
        if _is_within(GOOD_FOR, self._read_at, now):
            return self._reading.shifts
        log.warning("on_call_calendar_unknown", read_at=str(self._read_at))
        return ()

    def _is_due(self, now: datetime) -> bool:
        busy = self._under_way is not None and not self._under_way.done()
        return not busy and not _is_within(EVERY, self._asked_at, now)

    async def _read(self, now: datetime) -> None:
        """Read the feed for as long as the answer may be used. A failure is logged when its reason changes."""
        since, until = now - GOOD_FOR, now + GOOD_FOR + EVERY
        try:
            feed = await fetch_feed(self._session, self._url)
            reading = await read_feed(feed, self._zone, since, until, self._limit)
        except UnreadableCalendar as error:
            if str(error) != self._trouble:
                log.warning("on_call_calendar_unread", why=str(error))
            self._trouble = str(error)
            return
        except Exception:  # nobody awaits this, and a person on call has to be found anyway
            log.exception("on_call_calendar_unread")
            return
        if self._trouble:
            log.info("on_call_calendar_read_again")
        if reading.unread != self._reading.unread:
            _tell_unread(reading)
        self._reading, self._read_at, self._trouble = reading, now, ""


async def fetch_feed(session: aiohttp.ClientSession, url: str) -> bytes:
    """Return the content of the feed. Raises `UnreadableCalendar` with a reason that does not contain its address.

    Redirects are not followed: they could lead out of https.
    """
    try:
        async with session.get(url, timeout=TIMEOUT, allow_redirects=False) as answer:
            if answer.status != 200:
                raise UnreadableCalendar(f"the feed answered {answer.status}")
            feed = bytearray()
            async for chunk in answer.content.iter_any():
                feed += chunk
                if len(feed) > LARGEST:
                    raise UnreadableCalendar("the feed is too large")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise UnreadableCalendar(f"the feed does not answer: {type(error).__name__}") from None
    return bytes(feed)


def _tell_unread(reading: Reading) -> None:
    for uid, why in reading.unread[:_MOST_TOLD]:
        log.warning("calendar_event_unread", uid=uid, why=why)
    if len(reading.unread) > _MOST_TOLD:
        log.warning("calendar_events_unread", events=len(reading.unread))


def _is_within(time: timedelta, since: datetime | None, now: datetime) -> bool:
    return since is not None and timedelta() <= now - since < time
