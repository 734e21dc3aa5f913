"""The bot in a channel of the Agents Playground, for the duration of a test."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from simulator.playground import PEOPLE, Gateway, behind_gateway
from tests.servers import free_port

PREFIX = os.environ.get("COUNTERSIGN_PLAYGROUND", "")
CLI = Path(PREFIX).absolute() / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"

needs_playground = pytest.mark.skipif(
    not PREFIX or not CLI.exists() or shutil.which("node") is None,
    reason="needs Node.js, and COUNTERSIGN_PLAYGROUND naming the folder of `npm install --prefix` with the playground"
    " (commands: CONTRIBUTING.md)",
)

HELLO, SCRIPT, WIPE = "Countersign is here", "Create script Update-Defender", "Wipe PC-1"
"""The titles of the cards in the channel."""

NOTE = "Note (optional, everybody sees it)"
"""The label of the note field in the second step."""

Placed = tuple[dict[str, Any], dict[str, Any]]
"""A card, and the place where the playground put it."""


@dataclass(frozen=True)
class Play:
    """A playground at `address`, and the gateway that signs requests for it."""

    gateway: Gateway
    client: aiohttp.ClientSession
    address: str

    @property
    def channel(self) -> str:
        """The playground's name for the approvers' channel."""
        channel = self.gateway.site.channels["Approvals"]
        return f"{channel.team} - {channel.name}"

    async def install(self) -> None:
        """Install the bot in the channel, without a page. Opening the channel on the page installs it as well."""
        channel = quote(self.gateway.site.channels["Approvals"].id)
        await self.client.post(f"{self.address}/_debug/conversation/{channel}/installation", json={})
        await self.placed(HELLO)

    async def file_two(self) -> None:
        """File a script and a wipe, and wait until both cards are posted, the script's first."""
        portal = self.gateway.site.portal
        await self.placed(HELLO)
        portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        await self.placed(SCRIPT)
        portal.file_wipe("rita", "PC-1", "Stolen on the train this morning, INC-2041")
        await self.placed(WIPE)

    async def placed(self, title: str) -> Placed:
        """Return the card of that title, as soon as the playground has it."""
        await until(lambda: any(title_of(card) == title for card, _ in self.posted()))
        return next(placed for placed in self.posted() if title_of(placed[0]) == title)

    def posted(self) -> list[Placed]:
        """Return the cards that the playground has accepted as new threads."""
        return [
            (body["activity"]["attachments"][0]["content"], answer)
            for method, body, status, answer in self.gateway.written
            if method == "POST" and status == 201 and "activity" in body
        ]

    def updates(self) -> list[Any]:
        """Return the messages that the playground has updated."""
        return [body for method, body, status, _ in self.gateway.written if method == "PUT" and status == 200]


def title_of(card: dict[str, Any]) -> str:
    """Return the title of a card: its first heading."""
    return next(str(part["text"]) for part in _parts(card["body"]) if part.get("style") == "heading")


def _parts(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from _parts(item.get("items", []))


@asynccontextmanager
async def played(directory: Path, screen_of: str = PEOPLE[0]) -> AsyncIterator[Play]:
    """Start a playground with the real bot behind it."""
    bot_port, port = free_port(), free_port()
    address = f"http://127.0.0.1:{port}"
    async with (
        behind_gateway(directory, bot_port, address, screen_of) as gateway,
        _playground(directory, bot_port, port) as client,
    ):
        yield Play(gateway, client, address)


async def until(happened: Callable[[], bool]) -> None:
    """Wait until this has happened. Two other processes are involved, which cannot wake this one, so it asks again and
    again."""
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _playground(directory: Path, bot_port: int, port: int) -> AsyncIterator[aiohttp.ClientSession]:
    bot = f"http://127.0.0.1:{bot_port}/api/messages"
    process = await asyncio.create_subprocess_exec(
        *("node", str(CLI), "start", "-e", bot, "-c", "msteams", "-p", str(port), "--disable-telemetry"),
        cwd=directory,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as client:
            await _until_listening(client, f"http://127.0.0.1:{port}/_internal/v1/config")
            yield client
    finally:
        process.terminate()
        await process.wait()


async def _until_listening(client: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientError):
                async with client.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
