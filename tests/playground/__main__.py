"""Takes pictures of the playground's page for a person to look at: `python -m tests.playground FOLDER`.

It needs what the test of the page needs (CONTRIBUTING.md). The page itself is wider than a phone, and so are the cards
on it: the narrow pictures show where it cuts them off.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.playground.playing import HELLO, NOTE, SCRIPT, WIPE, Play, played
from tests.playground.screen import Screen, screen

NARROW, PHONE = 600, 390
COMMANDS = ("/help", "/pending", "/wipe PC-1")


async def main(folder: Path) -> None:
    """Take pictures while Alex sees two requests, approves one of them, and writes to the bot."""
    with tempfile.TemporaryDirectory() as name:
        async with played(Path(name), screen_of="alex") as play, screen(Path(name), play.address) as page:
            await _channel(play, page, folder)
            await _chat(page, folder)
            await _narrow(play, page, folder)


async def _channel(play: Play, page: Screen, folder: Path) -> None:
    await page.open(play.channel)
    await page.see(HELLO, [])
    await play.file_two()
    await page.shows(lambda posts: len(posts) == 3 and all(post.lines for post in posts[:2]))
    await page.picture(folder / "channel.png", title=WIPE)
    await page.picture(folder / "hello.png", title=HELLO)
    await page.press(SCRIPT, "Approve")
    await page.fill(SCRIPT, NOTE, "read it line by line")
    await page.picture(folder / "second-step.png", title=SCRIPT)
    await page.press(SCRIPT, "Approve now")
    await page.shows(lambda posts: any(len(post.lines) == 2 for post in posts))
    await page.picture(folder / "counted.png", title=SCRIPT)


async def _chat(page: Screen, folder: Path) -> None:
    await page.open("Personal Chat")
    for command in COMMANDS:
        await page.say(command)
    await page.see("Waiting for approval", [])
    await page.picture(folder / "chat.png")


async def _narrow(play: Play, page: Screen, folder: Path) -> None:
    await page.open(play.channel)
    await page.picture(folder / "channel-narrow.png", NARROW, title=WIPE)
    await page.picture(folder / "channel-phone.png", PHONE, title=WIPE)


if __name__ == "__main__":
    pictures = Path(sys.argv[1]).absolute()
    pictures.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(pictures))
