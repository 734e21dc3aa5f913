"""The playground's page as a person sees it, in a browser."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

PREFIX = os.environ.get("COUNTERSIGN_PLAYWRIGHT", "")
LIBRARY = Path(PREFIX).absolute()
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
DRIVER = Path(__file__).with_name("page.mjs")

MOST_BYTES = 2**22
"""Most bytes of one answer. A page full of cards is one line."""

needs_browser = pytest.mark.skipif(
    not PREFIX or not (LIBRARY / "node_modules" / "playwright-core").is_dir() or shutil.which(CHROMIUM) is None,
    reason="needs Chromium (CHROMIUM names another than /usr/bin/chromium), and COUNTERSIGN_PLAYWRIGHT naming the"
    " folder of `npm install --prefix` with playwright-core (commands: CONTRIBUTING.md)",
)


class CardSeen(BaseModel):
    """The visible part of a card: its headings and buttons from top to bottom, and all of its text. `beyond` are the
    texts that go on beyond the card's edge, where nobody sees them."""

    beyond: list[str]
    headings: list[str]
    buttons: list[str]
    text: str

    @property
    def title(self) -> str:
        """The first heading; empty if none is visible."""
        return self.headings[0] if self.headings else ""


class PostSeen(BaseModel):
    """The visible part of a post: its cards, and the lines under them."""

    cards: list[CardSeen] = []
    lines: list[str] = []

    @property
    def text(self) -> str:
        """All the text of the post's cards."""
        return "\n".join(card.text for card in self.cards)


Posts = list[PostSeen]
_POSTS = TypeAdapter(Posts)


class NotOnThePage(AssertionError):
    """An order failed. The message says what the page shows instead."""


@dataclass(frozen=True)
class Screen:
    """A browser that shows the page. An order that cannot be done there raises `NotOnThePage`."""

    process: asyncio.subprocess.Process

    async def open(self, name: str) -> None:
        """Open the conversation of that name."""
        await self._order("open", name=name)

    async def shows(self, holds: Callable[[Posts], bool]) -> Posts:
        """Wait until this holds for the posts, and return them from top to bottom. Fail if the page no longer changes
        and it still does not hold."""
        before: Any = None
        while True:
            now = await self._order("posts", before=before)
            posts = _POSTS.validate_python(now or [])
            if holds(posts):
                return posts
            if now == before:
                raise NotOnThePage(f"the page has come to rest and shows\n{_told(posts)}")
            before = now

    async def see(self, title: str, buttons: Sequence[str]) -> None:
        """Check that nothing covers the title and these buttons on the card of that title."""
        for name in (title, *buttons):
            await self._order("see", title=title, name=name)

    async def press(self, title: str, button: str) -> None:
        """Press a button of the card of that title."""
        await self._order("press", title=title, name=button)

    async def fill(self, title: str, field: str, text: str) -> None:
        """Fill in a field of the card of that title."""
        await self._order("fill", title=title, name=field, text=text)

    async def say(self, text: str) -> None:
        """Write a message in the chat that is shown."""
        await self._order("say", text=text)

    async def picture(self, path: Path, width: int = 1300, height: int = 1800, title: str = "") -> None:
        """Take a picture of a window of that size, scrolled to the post with the card of that title."""
        await self._order("picture", path=str(path), width=width, height=height, title=title)

    async def _order(self, order: str, **rest: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"order": order, **rest}).encode() + b"\n")
        line = await self.process.stdout.readline()
        if not line:
            raise NotOnThePage("the browser has ended; page.log in the test's folder says why")
        answer = json.loads(line)
        if "failed" in answer:
            raise NotOnThePage(f"{order} {rest}: {answer['failed']}")
        return answer["done"]


@asynccontextmanager
async def screen(directory: Path, address: str) -> AsyncIterator[Screen]:
    """Open a browser on that page until the block ends. It leaves a last picture in `directory`, which helps to explain
    a failure.

    The playground keeps no messages: a message that it hands over before the page has its conversations is never shown.
    So open a conversation first, and let the bot write to it after that.
    """
    with (directory / "page.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *("node", str(DRIVER), address, str(LIBRARY), CHROMIUM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=MOST_BYTES,
            env=os.environ | {"NO_COLOR": "1", "FORCE_COLOR": "0"},
        )
    seen = Screen(process)
    try:
        yield seen
        await seen.picture(directory / "last.png")
    except AssertionError:
        await seen.picture(directory / "last.png")
        raise
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


def _told(posts: Posts) -> str:
    return "\n".join(post.model_dump_json() for post in posts) or "no post"
