"""Checks the other systems that the bot needs, apart from Intune. They are tried, and nothing is changed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import aiohttp

from bot.check.finding import CheckResult, Mark
from bot.check.permissions import MAIL, why_no_mail
from bot.config.emergency import OnCallSettings
from bot.config.file import Config
from bot.graph.http import GraphClient
from bot.graph.names import find_account, look_up
from bot.oncall.calendar import GOOD_FOR, fetch_feed
from bot.oncall.reader import read_feed
from bot.oncall.shifts import UnreadableCalendar
from bot.oncall.titles import meant
from handlers.ports.errors import Forbidden, NotFound, TokenRefused

TIMEOUT = aiohttp.ClientTimeout(total=10)


async def emergency_process(session: aiohttp.ClientSession, url: str) -> CheckResult:
    """Report whether the emergency process answers at its configured address."""
    try:
        async with session.get(f"{url}/healthz", timeout=TIMEOUT, allow_redirects=False) as answer:
            if answer.status == 200:
                return CheckResult(Mark.GOOD, f"The emergency process answers at {url}")
            trouble = f"answers {answer.status}"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        trouble = f"does not answer: {type(error).__name__}"
    advice = "Start it, or correct COUNTERSIGN_EMERGENCY_URL (docs/emergencies.md). Until then nobody can act alone."
    return CheckResult(Mark.DOUBTFUL, f"The emergency process at {url} {trouble}", advice)


async def mailbox(graph: GraphClient, address: str) -> CheckResult:
    """Report whether the worker may send as the mailbox. Tries a mail without recipients, which Graph does not send."""
    error = await why_no_mail(graph, address)
    if error is None:
        return CheckResult(Mark.GOOD, f"The worker may send mail as {address}")
    if isinstance(error, Forbidden) and not isinstance(error, TokenRefused):
        what = f"The worker may not send mail as {address}: it lacks {MAIL}, or is limited to other mailboxes"
        return CheckResult(Mark.DOUBTFUL, what, "Grant it for this mailbox (docs/setup.md).")
    missing = isinstance(error, NotFound)
    what = (
        f"countersign.mailbox: there is no mailbox {address}" if missing else f"countersign.mailbox: {address}: {error}"
    )
    return CheckResult(Mark.DOUBTFUL, what, "Correct the address, or create a shared mailbox with it.")


async def on_call(
    graph: GraphClient, session: aiohttp.ClientSession, config: Config, now: datetime
) -> AsyncIterator[CheckResult]:
    """Report whether the calendar can be read, and people on call who are not found: those are never paged."""
    written = config.countersign.on_call
    if written is None:
        return
    if written.calendar:
        yield await _calendar(graph, session, written, now)
    people = [shift.people for shift in written.rota] + [override.people for override in written.overrides]
    names = list(dict.fromkeys(name for some in people for name in some))
    found = await asyncio.gather(*(find_account(graph, name) for name in names))
    for name, account in zip(names, found, strict=True):
        if account is None:
            what = f'countersign.onCall: "{name}" is not exactly one active account'
            yield CheckResult(Mark.DOUBTFUL, what, "Correct or remove it. Until then this person is never paged.")


async def _calendar(
    graph: GraphClient, session: aiohttp.ClientSession, written: OnCallSettings, now: datetime
) -> CheckResult:
    """Report whether the calendar can be read within its limits, and whom it means. Its address is a secret."""
    name = "countersign.onCall.calendar"
    try:
        feed = await fetch_feed(session, written.calendar)
        reading = await read_feed(feed, ZoneInfo(written.time_zone), now, now + GOOD_FOR)
    except UnreadableCalendar as error:
        advice = "Until it can be read, its last content applies for a day, and then the rota."
        return CheckResult(Mark.DOUBTFUL, f"{name} cannot be read: {error}", advice)
    if reading.unread:
        uid, why = reading.unread[0]
        what = f'{name}: {len(reading.unread)} of its events cannot be read, such as "{uid}" ({why})'
        return CheckResult(Mark.DOUBTFUL, what, "Correct or delete them in the calendar. Until then they are ignored.")
    if lost := sum(not one.accounts for one in await meant(partial(look_up, graph), reading.shifts)):
        what = f"{name}: {lost} of the names and titles of the next day match nobody or several people"
        return CheckResult(Mark.DOUBTFUL, what, "Invite the people to the event, or write their names as in Entra.")
    return CheckResult(Mark.GOOD, f"The on-call calendar can be read: {len(reading.shifts)} shifts within a day")
