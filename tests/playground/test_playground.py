"""The Agents Playground drives the unchanged bot: opt-in, since it is installed apart.

npm install --prefix build/playground @microsoft/m365agentsplayground@0.2.28
COUNTERSIGN_PLAYGROUND=build/playground make test
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from simulator.playground import Gateway, behind_gateway
from simulator.teams.buttons import button
from tests.servers import free_port

PREFIX = os.environ.get("COUNTERSIGN_PLAYGROUND", "")
CLI = Path(PREFIX).absolute() / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"

pytestmark = pytest.mark.skipif(
    not PREFIX or not CLI.exists() or shutil.which("node") is None,
    reason="needs Node.js, and COUNTERSIGN_PLAYGROUND naming the folder of `npm install --prefix` with the playground",
)


async def test_two_people_at_the_playground(tmp_path: Path) -> None:
    """A card is posted, two people click, and the message is updated, all of it signed on the way to the bot."""
    bot_port, port = free_port(), free_port()
    address = f"http://127.0.0.1:{port}"
    async with behind_gateway(tmp_path, bot_port, address) as gateway, _playground(tmp_path, bot_port, port) as client:
        channel = gateway.site.channels["Approvals"]
        await client.post(f"{address}/_debug/conversation/{quote(channel.id)}/installation", json={})
        await _until(lambda: len(_posted(gateway)) == 1)  # the bot says hello
        gateway.site.portal.file_script("petra", "Update-Defender", "Update-MpSignature\n", "CHG-118")
        await _until(lambda: len(_posted(gateway)) == 2)
        card, place = _posted(gateway)[1]

        answers = [await _approve(client, address, gateway, name, card, place) for name in ("alex", "cora")]

        assert "1 of 2 approvals" in str(answers[0])
        assert "Sign in" in str(answers[1])
        await _until(lambda: any("Cora Costa has to sign in" in str(body) for body in _updates(gateway)))


async def _approve(
    client: aiohttp.ClientSession,
    address: str,
    gateway: Gateway,
    name: str,
    card: dict[str, Any],
    place: dict[str, Any],
) -> Any:
    """The second step of somebody's approval; the playground hands the bot's answer on."""
    approve = button(card, "approve")
    assert approve is not None
    action = {**approve, "verb": "confirm-approve", "data": approve["data"] | {"note": "seen"}}
    click = {
        "name": "adaptiveCard/action",
        "value": {"action": action},
        "from": {"id": gateway.site.world.user(name).mri},
        "conversation": {"id": place["id"]},
        "replyToId": place["activityId"],
    }
    async with client.post(f"{address}/_conversation/v1/invoke", json=click) as response:
        return await response.json(content_type=None)


def _posted(gateway: Gateway) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Cards that the playground has taken as new threads, and where it put them."""
    return [
        (body["activity"]["attachments"][0]["content"], answer)
        for method, body, status, answer in gateway.written
        if method == "POST" and status == 201 and "activity" in body
    ]


def _updates(gateway: Gateway) -> list[Any]:
    """Messages that the playground has updated."""
    return [body for method, body, status, _ in gateway.written if method == "PUT" and status == 200]


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


async def _until(happened: Callable[[], bool]) -> None:
    """Two other processes ring no bell."""
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
