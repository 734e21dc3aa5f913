"""A week of reminders on a driven clock, compared with a table that is computed by simple rules.

There are forty requests, some of them urgent, some decided or claimed in between; two time zones, the night in which
Europe leaves summer time, and a holiday; two replicas, one of which dies while it writes to Teams; and a store that is
restarted.
"""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from bot.store import keys as names
from bot.store.keys import Keys
from handlers.reminding.gathering import GATHERED_FOR
from simulator.clock import Clock
from simulator.teams.places import Message
from tests.office import Office, mentioned, office, text_of

START = datetime(2026, 10, 22, 6, 0, tzinfo=UTC)
"""A Thursday. On Sunday, 25 October, Europe leaves summer time, and New York a week later."""

HOLIDAY = "2026-10-26"
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
REQUESTS = 40
EVERY = timedelta(hours=4, minutes=10)
MINUTE = timedelta(minutes=1)

STANDARD = ((120, "thread"), (240, "chat"), (480, "mail"), (1200, "on-call"))
URGENT = ((10, "thread"), (20, "chat"), (30, "mail"), (45, "on-call"))
SKIPPED, SKIPPED_URGENT = 1, 3
ACKNOWLEDGE = timedelta(minutes=10)

ROLE = ("Alex Adler", "Bo Thorsen", "Ivan Ilic")
SCRIPT = ("Alex Adler", "Bo Thorsen", "Cora Costa")
CHANNEL = {"role": "Approvals", "script": "Change Advisory Board"}
ZONE = {"role": BERLIN, "script": NEW_YORK}
ON_CALL = ("Sam Schmidt", "Dana Diaz")

Row = tuple[datetime, str, str, tuple[int, ...]]
"""One message: when, how, to whom, and about which requests."""


@dataclass(frozen=True)
class Plan:
    """The plan of one request. `hurried`, `rejected` and `claimed` are times, or None."""

    number: int
    filed: datetime

    @property
    def kind(self) -> str:
        return "role" if self.number % 2 else "script"

    @property
    def name(self) -> str:
        return f"Req-{self.number:02}"

    @property
    def hurried(self) -> datetime | None:
        return self.filed + 5 * MINUTE if self.number % 3 == 0 else None

    @property
    def rejected(self) -> datetime | None:
        return self.filed + 180 * MINUTE if self.number % 4 == 1 else None

    @property
    def claimed(self) -> datetime | None:
        return self.filed + 115 * MINUTE if self.number % 4 == 2 and not self.hurried else None

    @property
    def over(self) -> datetime:
        """The time from which nobody can decide it any more."""
        deadline = self.hurried + timedelta(hours=4) if self.hurried else self.filed + timedelta(hours=24)
        return min(deadline, self.rejected or deadline)


PLANS = [Plan(number, START + number * EVERY) for number in range(REQUESTS)]


# --- the expected table -------------------------------------------------------------------------------------------


def is_night(at: datetime, zone: str) -> bool:
    """Return whether this time is outside eight to six on working days, in local time. Only Berlin has the holiday."""
    local = at.astimezone(ZoneInfo(zone))
    working = local.weekday() < 5 and not (zone == BERLIN and local.date().isoformat() == HOLIDAY)
    return not (working and 8 <= local.hour < 18)


def steps_of(plan: Plan) -> Iterator[tuple[datetime, str]]:
    """Yield each step of the request's ladder: its time and its rung."""
    began, ladder, skipped = plan.filed, STANDARD, SKIPPED
    if plan.hurried:
        began, ladder, skipped = plan.hurried, URGENT, SKIPPED_URGENT
    if not is_night(began, ZONE[plan.kind]):
        skipped = 0
    earlier = ladder[skipped][0] - ladder[0][0]
    for minutes, rung in ladder[skipped:]:
        at = began + (minutes - earlier) * MINUTE
        if plan.claimed and plan.claimed <= at < plan.claimed + 30 * MINUTE:
            at = plan.claimed + 30 * MINUTE
        if at < plan.over:
            yield at, rung


def gathered() -> Iterator[tuple[datetime, str, str, int]]:
    """Yield every notice: its time, how it is sent, to whom, and about which request."""
    for plan in PLANS:
        people = ROLE if plan.kind == "role" else SCRIPT
        for at, rung in steps_of(plan):
            targets = {"thread": (CHANNEL[plan.kind],), "chat": people, "mail": people}.get(rung, ())
            for target in targets:
                yield at, rung, target, plan.number
            if rung == "on-call":
                yield from paged(plan, at)


def paged(plan: Plan, at: datetime) -> Iterator[tuple[datetime, str, str, int]]:
    """Page one person after the other, and then alarm, for as long as the request waits."""
    for place, person in enumerate(ON_CALL):
        if at + place * ACKNOWLEDGE < plan.over:
            yield at + place * ACKNOWLEDGE, "page", person, plan.number
    if at + len(ON_CALL) * ACKNOWLEDGE < plan.over:
        yield at + len(ON_CALL) * ACKNOWLEDGE, "alarm", "Operations", plan.number


def expected() -> Counter[Row]:
    """Return the table of messages. Notices for one recipient within two minutes are one message, without requests that
    are over by then."""
    rows: Counter[Row] = Counter()
    waiting: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)
    for at, how, target, number in sorted(gathered()):
        if how in ("page", "alarm"):
            rows[(at, how, target, (number,))] += 1
        else:
            waiting[(how, target)].append((at, number))
    for (how, target), notices in waiting.items():
        while notices:
            told_at = notices[0][0] + GATHERED_FOR
            together = [number for at, number in notices if at <= told_at]
            del notices[: len(together)]
            if still := tuple(sorted(number for number in together if PLANS[number].over > told_at)):
                rows[(told_at, how, target, still)] += 1
    return rows


# --- what was really sent -----------------------------------------------------------------------------------------


@dataclass
class Ledger:
    """Every reminder that has arrived anywhere, with its time."""

    day: Office
    rows: Counter[Row] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    mails: int = 0

    def take_down(self) -> None:
        """Note what has arrived since the last call."""
        now = self.day.tenant.clock.now()
        now = now.replace(second=0, microsecond=0)  # messages are paced, and pauses let seconds pass
        for channel in CHANNEL.values():
            for about in self._new_lines(channel, _REMINDS):
                self.rows[(now, "thread", channel, about)] += 1
        for name in (*ROLE, "Cora Costa"):
            for about in self._new_lines(f"@{name}", _REMINDS):
                self.rows[(now, "chat", name, about)] += 1
        for who, about in self._new_pages():
            self.rows[(now, "page", who, about)] += 1
        for about in self._new_lines("Operations", ("Nobody on call has answered",)):
            self.rows[(now, "alarm", "Operations", about)] += 1
        self._take_down_mail(now)

    def _take_down_mail(self, now: datetime) -> None:
        for mail in self.day.tenant.graph.outbox[self.mails :]:
            [person] = [user.name for user in self.day.tenant.world.users.values() if user.upn in mail.to]
            if "Rejected" not in mail.subject:  # that is the decision, for the one who asked
                self.rows[(now, "mail", person, _about(mail.text))] += 1
        self.mails = len(self.day.tenant.graph.outbox)

    def _messages(self, place: str) -> list[tuple[str, str, list[str]]]:
        """Return the messages of a place: an id, the text (with that of the card above, for a reply), and who is
        mentioned."""
        if place.startswith("@"):
            [user] = [user for user in self.day.tenant.world.users.values() if user.name == place[1:]]
            where = self.day.tenant.connector.places.personal(user)
        else:
            where = self.day.tenant.channels[place]
        heads = {one.conversation: text_of(one.card) for one in where.messages if one.card}
        return [
            (
                f"{place} {one.id}",
                f"{one.text} {_above(one, heads)}",
                mentioned(one),
            )
            for one in where.messages
            if one.text
        ]

    def _new_lines(self, place: str, words: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
        for identity, text, _ in self._messages(place):
            said = text.split("{")[0]
            if identity not in self.seen and any(word in said for word in words) and "cannot wait" not in said:
                self.seen.add(identity)
                yield _about(text)

    def _new_pages(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        for identity, text, whom in self._messages("On-Call"):
            if identity not in self.seen and "you are on call" in text:
                self.seen.add(identity)
                yield whom[0], _about(text)


_REMINDS = ("Still waits", "requests wait for approval")


def _about(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(number) for number in re.findall(r"Req-(\d\d)", text)}))


def _above(one: Message, heads: dict[str, str]) -> str:
    """Return the text of the card above a reply; empty if the reply itself names its request."""
    return "" if _about(one.text) else heads.get(one.conversation, "")


# --- the week -----------------------------------------------------------------------------------------------------


@dataclass
class Death:
    """The first replica dies when Teams has taken its n-th reminder, before it gets the answer. `at` is the time of
    death."""

    number: int
    clock: Clock = field(default_factory=lambda: Clock(START))
    at: datetime = START
    struck: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def watch(self, service: str, request: web.Request) -> AsyncIterator[None]:
        yield
        if service != "teams" or request.method != "POST" or self.struck.is_set():
            return
        if "Still waits" in (await request.text()) and "on call" not in (await request.text()):
            self.number -= 1
        if self.number == 0:
            self.at = self.clock.now().replace(second=0, microsecond=0)
            self.struck.set()
            await asyncio.Event().wait()


async def do_due(day: Office, death: Death) -> None:
    """Do everything that is due, by each living replica in turn."""
    while True:
        done = 0
        for bot in list(day.bots):
            work = asyncio.create_task(bot.worker.do_due())
            struck = asyncio.create_task(death.struck.wait()) if len(day.bots) > 1 else None
            await asyncio.wait([work, *([struck] if struck else [])], return_when=asyncio.FIRST_COMPLETED)
            if struck and death.struck.is_set() and not work.done():
                work.cancel()
                day.bots.remove(bot)
                day.tenant.teams.messages_url = f"{day.urls[1]}/api/messages"
            if struck:
                struck.cancel()
            done += work.result() if work.done() and not work.cancelled() else 0
        if not done:
            return


async def next_due(day: Office) -> datetime:
    """Return when the next effect is due."""
    due = Keys(day.tenant.world.tenant_id).of(names.DUE)
    first = await day.bot.store.connections.redis.zrange(due, 0, 0, withscores=True)
    return datetime.fromtimestamp(first[0][1] / 1000, UTC) if first else datetime.max.replace(tzinfo=UTC)


async def act(day: Office, plan: Plan, what: str) -> None:
    """Do what a person does in the plan: file, make urgent, claim, or reject."""
    portal = day.tenant.portal
    if what == "file":
        if plan.kind == "role":
            portal.file_role("rita", plan.name, ["Microsoft.Intune_ManagedDevices_Read"], f"INC {plan.name}")
        else:
            portal.file_script("rita", plan.name, "exit 0", f"INC {plan.name}")
        for bot in day.bots:
            await bot.journeys.poll.poll()
        return
    [card] = [one for one in day.requests(CHANNEL[plan.kind]) if plan.name in text_of(one.card)]
    alex = day.client("alex")
    if what == "hurry":
        await alex.click(card, "details")
        await alex.click(card, "urgent")
        await alex.click(card, "make-urgent", {"note": "It is spreading"})
    elif what == "claim":
        await alex.click(card, "details")
        await alex.click(card, "back")
        await alex.click(card, "claim")
    else:
        await alex.click(card, "reject")
        await alex.click(card, "confirm-reject", {"note": "Not now"})


def agenda() -> list[tuple[datetime, int, str]]:
    """Return all actions of people, in order."""
    todo = [(plan.filed, plan.number, "file") for plan in PLANS]
    todo += [(plan.hurried, plan.number, "hurry") for plan in PLANS if plan.hurried]
    todo += [(plan.claimed, plan.number, "claim") for plan in PLANS if plan.claimed and plan.claimed < plan.over]
    todo += [(plan.rejected, plan.number, "reject") for plan in PLANS if plan.rejected and plan.rejected <= plan.over]
    return sorted(todo)


LEASE_ENDS = MINUTE
"""By then the other replica has done what the dead one was doing."""

RESTARTED_BEFORE = 24
"""The store is restarted before the request with this number is filed."""


@pytest.mark.timeout(300)
async def test_a_week_of_reminders(tmp_path: Path) -> None:
    """Every reminder arrives, none too early, and only a reminder that the dead replica had sent may arrive twice."""
    death = Death(number=6)
    hours = {"opens": "08:00", "closes": "18:00"}
    settings: dict[str, Any] = {
        "hours": {"Script deployment": {"timeZone": NEW_YORK, **hours}},
        "businessHours": {"timeZone": BERLIN, "holidays": [HOLIDAY], **hours},
        "reminders": {"skipOutsideHours": SKIPPED, "skipOutsideHoursUrgent": SKIPPED_URGENT},
    }
    async with office(
        tmp_path, replicas=2, night=True, start=START, watch=death.watch, own_server=True, **settings
    ) as day:
        for name in ("alex", "both", "ivan", "cora", "sam", "dana"):
            await day.install_for(name)
        ledger, death.clock = Ledger(day), day.tenant.clock
        for at, number, what in agenda():
            await _pass(day, death, ledger, at)
            if (number, what) == (RESTARTED_BEFORE, "file") and day.server is not None:
                await day.server.stop()
                await day.server.start()
            await act(day, PLANS[number], what)
            await do_due(day, death)
            ledger.take_down()
        await _pass(day, death, ledger, PLANS[-1].filed + timedelta(days=2))

    assert death.struck.is_set()
    table = expected()
    missing, more = table - ledger.rows, ledger.rows - table
    assert not missing, _shown(missing)
    marked = {row[1:] for row in marked_rows(table, death)}
    assert [(row[1:] in marked, row[0] <= death.at + LEASE_ENDS, times) for row, times in more.items()] == [
        (True, True, 1)
    ], f"told twice: {_shown(more)}\nonly one of these may be: {_shown(Counter(marked_rows(table, death)))}"
    assert sum(table.values()) > 200


def marked_rows(table: Counter[Row], death: Death) -> list[Row]:
    """Return the messages that the first replica was sending when it died. Teams had taken one of them, and no replica
    knew it."""
    return [row for row in table if row[0] == death.at]


def _shown(rows: Counter[Row]) -> str:
    """Return the table as text."""
    lines = [
        f"{at:%a %d %H:%M} {how:7} {whom:24} {about} x{times}" for (at, how, whom, about), times in sorted(rows.items())
    ]
    return "\n".join(["", *lines])


async def _pass(day: Office, death: Death, ledger: Ledger, until: datetime) -> None:
    """Let time pass from one due effect to the next."""
    clock = day.tenant.clock
    while (due := await next_due(day)) < until:
        clock.advance(max(due - clock.now(), timedelta()))
        await do_due(day, death)
        ledger.take_down()
    clock.advance(max(until - clock.now(), timedelta()))
