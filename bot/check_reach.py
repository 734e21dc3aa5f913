"""What `check` says of everything beside Intune that the bot has to reach: it is tried, and nothing is changed."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.blob.aio import ContainerClient

from bot.audit_log.keys import read_key
from bot.audit_log.service import AUDIT_DIR
from bot.config import Config
from bot.finding import Finding, Mark
from bot.graph.http import GraphClient
from bot.graph.names import find_account
from bot.permissions import MAIL, why_no_mail
from bot.settings import Settings
from handlers.ports import Forbidden, NotFound

TIMEOUT = aiohttp.ClientTimeout(total=10)

_NOBODYS = "countersign-check"
"""A blob that is never there: asking for it shows whether the address may be read, and leaves nothing behind."""


def audit(settings: Settings) -> Iterator[Finding]:
    """The keys that seal, and the directory that the sealed log is written to."""
    for path in filter(None, (settings.audit_key, settings.audit_old_key)):
        try:
            read_key(path, "check")
        except (ValueError, OSError) as error:
            advice = "Make one (python -m bot audit key), or correct the path."
            yield Finding(Mark.WRONG, f"The audit's key {path}: {error}", advice)
    directory = settings.audit_dir or settings.state_dir / AUDIT_DIR
    if _may_write(directory):
        yield Finding(Mark.GOOD, f"The sealed audit can be written to {directory}")
    else:
        advice = "Make it a directory that the bot's user may write to, the same volume for all replicas."
        yield Finding(Mark.DOUBTFUL, f"The sealed audit cannot be written to {directory}", advice)


async def others(settings: Settings, session: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    """The copy of the audit and the emergency process, where there are any."""
    if settings.audit_blob_url:
        yield await blob_container(settings.audit_blob_url.get_secret_value())
    if settings.emergency_url:
        yield await emergency_process(session, settings.emergency_url)


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


async def blob_container(url: str) -> Finding:
    """Whether the container of the audit's copy can be read. The address is a secret, so no error is passed on."""
    try:
        async with ContainerClient.from_container_url(url, retry_total=0) as container:
            await container.get_blob_client(_NOBODYS).get_blob_properties()
    except HttpResponseError as error:
        code = getattr(error, "error_code", None)  # which only the storage's own errors have
        if code == "BlobNotFound":
            return Finding(Mark.GOOD, "The container for the audit's copy answers")
        trouble = f"answers {error.status_code} {getattr(code, 'value', '')}".strip()
    except (AzureError, ValueError) as error:
        trouble = f"does not answer: {type(error).__name__}"
    else:
        trouble = f"holds a blob called {_NOBODYS}"
    advice = "Check COUNTERSIGN_AUDIT_BLOB_URL and when its signature ends. Nothing is sealed without its copy."
    return Finding(Mark.DOUBTFUL, f"The container for the audit's copy {trouble}", advice)


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


def _may_write(directory: Path) -> bool:
    """Whether it can be written to, or made where it is still missing."""
    there = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)
