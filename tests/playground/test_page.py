"""The bot as a person sees it on the Agents Playground's page.

The playground's API answers 201 even to a post of which the page shows no card, so these tests look at the page. They
are opt-in, because the playground is installed separately (CONTRIBUTING.md says how).
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.teams.buttons import titles
from tests.playground.playing import NOTE, SCRIPT, WIPE, Play, needs_playground, played, title_of
from tests.playground.screen import Posts, PostSeen, Screen, needs_browser, screen

pytestmark = [needs_playground, needs_browser, pytest.mark.extra]


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """Start a playground with Alex at the screen."""
    async with played(tmp_path, screen_of="alex") as play:
        yield play


@pytest.fixture
async def page(play: Play, tmp_path: Path) -> AsyncIterator[Screen]:
    """Show the channel in which a script and a wipe wait."""
    async with screen(tmp_path, play.address) as page:
        await page.open(play.channel)
        await page.shows(lambda posts: len(posts) == 1)  # the bot says hello
        await play.file_two()
        yield page


async def test_every_card_that_was_posted_stands_on_the_page(play: Play, page: Screen) -> None:
    """Each posted card is shown alone in its post, the newest first, with its title and all its buttons visible."""
    cards = [card for card, _ in reversed(play.posted())]

    await page.shows(lambda posts: _titles(posts) == [[title_of(card)] for card in cards])
    for card in cards:
        await page.see(title_of(card), titles(card))
    assert "Approve" in titles(cards[0])
    assert "Approve" in titles(cards[1])


async def test_who_can_help_is_called_under_the_card(page: Screen) -> None:
    """The people who can help are called by name, in a line under the card that needs them."""
    posts = await page.shows(lambda posts: all(_post(posts, title).lines for title in (WIPE, SCRIPT)))

    assert "Dana Diaz Sam Schmidt" in _post(posts, WIPE).lines[0]
    assert "Alex Adler Cora Costa" in _post(posts, SCRIPT).lines[0]


async def test_an_approval_is_counted_on_the_page(page: Screen) -> None:
    """After both steps of one person's approval the card shows the new count and calls the person who is still
    missing."""
    await page.press(SCRIPT, "Approve")
    await page.shows(lambda posts: "You are about to approve" in _post(posts, SCRIPT).text)
    await page.fill(SCRIPT, NOTE, "read it line by line")
    await page.press(SCRIPT, "Approve now")

    posts = await page.shows(lambda posts: len(_post(posts, SCRIPT).lines) == 2)

    script, wipe = _post(posts, SCRIPT), _post(posts, WIPE)
    assert "1 of 2 approvals; Change-Advisory-Board still open" in script.text
    assert "Alex Adler approved" in script.text
    assert "read it line by line" in script.text
    assert script.lines[1].startswith("Cora Costa One more person is needed")
    assert "0 of 1 approval" in wipe.text


async def test_no_text_goes_on_beyond_the_edge_of_its_card(play: Play, page: Screen) -> None:
    """Neither a line to paste nor a line of a script goes beyond the card's edge, however long it is or far right it
    begins."""
    payload, far = "QUJDREVGR0hJSktMTU5P" * 6, " " * 90
    title = "Create script Repair"
    play.gateway.site.portal.file_script(
        "petra", "Repair", f"iex(Decode('{payload}'))\n{far}Remove-Item C:\\\n", "CHG-1"
    )
    await page.press(title, "Details")

    posts = await page.shows(lambda posts: "Remove-Item" in _post(posts, title).text)

    assert [card.beyond for post in posts for card in post.cards] == [[], [], [], []]


async def test_an_answer_in_the_chat_is_a_card_on_the_page(page: Screen) -> None:
    """The answer to the command for a list is a card on the page."""
    await page.open("Personal Chat")
    await page.say("/pending")

    await page.see("Waiting for approval", [])


def _titles(posts: Posts) -> list[list[str]]:
    return [[card.title for card in post.cards] for post in posts]


def _post(posts: Posts, title: str) -> PostSeen:
    """Return the post that has that card and no other; an empty post if there is none."""
    return next((post for post in posts if [card.title for card in post.cards] == [title]), PostSeen())
