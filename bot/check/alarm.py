"""Checks the alarm webhook and the heartbeat, which are outside the tenant. Both are tried without causing an alarm."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
from yarl import URL

from bot.check.finding import CheckResult, Mark
from bot.config.file import Config
from bot.outside import TIMEOUT, Webhook
from bot.wiring.neighbours import Neighbours
from bot.wiring.requirements import missing_to_tell
from handlers.ports.errors import PortError
from handlers.ports.outside import News, NewsKind

_DOCS = "see docs/configuration.md."


class _OwnTime:
    """The port `Clock` with this host's time, because there may be no store."""

    async def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  this host's clock


async def alarms(near: Neighbours, config: Config) -> AsyncIterator[CheckResult]:
    """Report missing settings, and whether both addresses answer."""
    missing = list(missing_to_tell(near.settings, config))
    for what in missing:
        yield CheckResult(Mark.WRONG, what, "Set it, or remove the address from the configuration file.")
    if missing:
        return
    alarm = config.countersign.alarm
    if alarm.webhook:
        yield await _webhook(near, alarm.webhook)
    else:
        what = "countersign.alarm.webhook is not set: if Teams is down, nobody receives alarms"
        yield CheckResult(Mark.DOUBTFUL, what, f"Set it; {_DOCS}")
    if alarm.heartbeat:
        yield await _heartbeat(near.session, alarm.heartbeat)
    else:
        what = "countersign.alarm.heartbeat is not set: if the bot stops, nobody is told"
        yield CheckResult(Mark.DOUBTFUL, what, f"Set it; {_DOCS}")


async def _webhook(near: Neighbours, address: str) -> CheckResult:
    """Report whether the webhook accepts a signed event. Its type says that it is not an alarm."""
    clock = _OwnTime()
    text = "This is a test by `python -m bot check`. Nothing has happened."
    news = News(f"check-{secrets.token_hex(8)}", NewsKind.CHECK, "check", text, await clock.now())
    webhook = Webhook(near.session, address, near.settings.webhook_keys, near.settings.public_url, clock)
    try:
        await webhook.tell(news)
    except PortError as error:
        advice = "Correct the address, the secret or the receiver. Until then no alarm leaves the tenant."
        return CheckResult(Mark.DOUBTFUL, f"countersign.alarm.webhook: {error}", advice)
    return CheckResult(Mark.GOOD, "The alarm webhook accepted a test event")


async def _heartbeat(session: aiohttp.ClientSession, address: str) -> CheckResult:
    """Report whether the heartbeat's host answers. The heartbeat's address itself is not called, with any method: that
    would count as a sign of life, and start a watch that alarms before the bot runs."""
    origin = URL(address).origin()
    try:
        async with session.head(origin, timeout=TIMEOUT, allow_redirects=False):
            return CheckResult(Mark.GOOD, f"The host of the heartbeat answers: {origin}")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        what = f"countersign.alarm.heartbeat: {origin} does not answer: {type(error).__name__}"
        return CheckResult(Mark.DOUBTFUL, what, "Correct the address, or allow the bot to connect to it.")
