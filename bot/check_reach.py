"""What `check` says of everything beside Intune that the bot has to reach: it is tried, and nothing is changed."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp

from bot.config import Config
from bot.finding import Finding, Mark
from bot.graph.http import GraphClient
from bot.graph.names import find_account
from bot.permissions import MAIL, why_no_mail
from handlers.ports import Forbidden, NotFound

TIMEOUT = aiohttp.ClientTimeout(total=10)


async def emergency_process(session: aiohttp.ClientSession, url: str) -> Finding:
    """Whether the separate emergency process answers where it is said to be."""
    try:
        async with session.get(f"{url}/healthz", timeout=TIMEOUT, allow_redirects=False) as answer:
            if answer.status == 200:
                return Finding(Mark.GOOD, f"The emergency process answers at {url}")
            trouble = f"answers {answer.status}"
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        trouble = f"does not answer: {type(error).__name__}"
    advice = "Start it, or correct COUNTERSIGN_EMERGENCY_URL (docs/emergencies.md). Nobody can act alone until then."
    return Finding(Mark.DOUBTFUL, f"The emergency process at {url} {trouble}", advice)


async def mailbox(graph: GraphClient, address: str) -> Finding:
    """Whether the worker may send as the mailbox; asked with a mail to nobody, which Graph does not send."""
    error = await why_no_mail(graph, address)
    if error is None:
        return Finding(Mark.GOOD, f"The worker may send mail as {address}")
    if isinstance(error, Forbidden):
        what = f"The worker may not send mail as {address}: it lacks {MAIL}, or is limited to other mailboxes"
        return Finding(Mark.DOUBTFUL, what, "Grant it for this mailbox, as docs/setup.md tells.")
    missing = isinstance(error, NotFound)
    what = f"countersign.mailbox: there is no mailbox {address}" if missing else f"The mailbox {address}: {error}"
    return Finding(Mark.DOUBTFUL, what, "Correct it, or make a shared mailbox of that address.")


async def on_call(graph: GraphClient, config: Config) -> AsyncIterator[Finding]:
    """Whoever is not found is paged by nobody."""
    written = config.countersign.on_call
    if written is None:
        return
    people = [shift.people for shift in written.rota] + [override.people for override in written.overrides]
    names = list(dict.fromkeys(name for some in people for name in some))
    found = await asyncio.gather(*(find_account(graph, name) for name in names))
    for name, account in zip(names, found, strict=True):
        if account is None:
            what = f'countersign.onCall: no single active account is called "{name}"'
            yield Finding(Mark.DOUBTFUL, what, "Correct it, or take it out; until then this person is never paged.")
