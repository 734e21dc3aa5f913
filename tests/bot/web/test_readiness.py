"""Readiness is asked once for everybody."""

import asyncio

import pytest

from bot.web.readiness import FRESH_SECONDS, Readiness, Report

GOOD: Report = 200, {"status": "ready"}


class Asked:
    """Who is asked: how often, and whether there is an answer yet."""

    def __init__(self) -> None:
        self.times = 0
        self.now = 0.0
        self.answers = asyncio.Event()
        self.readiness = Readiness(self.ask, lambda: self.now)

    async def ask(self) -> Report:
        self.times += 1
        await self.answers.wait()
        return GOOD


async def test_once_for_many() -> None:
    """All who ask within a second get one answer, whether it is there already or not."""
    asked = Asked()
    waiting = asyncio.gather(*(asked.readiness.report() for _ in range(50)))
    asked.answers.set()

    assert await waiting == [GOOD] * 50
    assert await asked.readiness.report() == GOOD
    assert asked.times == 1


async def test_every_second() -> None:
    """An answer is not older than that."""
    asked = Asked()
    asked.answers.set()
    for moment in (0.0, FRESH_SECONDS / 2, FRESH_SECONDS, FRESH_SECONDS * 1.5, FRESH_SECONDS * 3):
        asked.now = moment
        await asked.readiness.report()

    assert asked.times == 3


async def test_no_second_question_before_the_first_is_answered() -> None:
    """However long that takes: questions do not pile up before a store that is frozen."""
    asked = Asked()
    first = asyncio.ensure_future(asked.readiness.report())
    await asyncio.sleep(0)
    asked.now = FRESH_SECONDS * 10
    second = asyncio.ensure_future(asked.readiness.report())
    await asyncio.sleep(0)
    asked.answers.set()

    assert (await first, await second, asked.times) == (GOOD, GOOD, 1)


async def test_a_bug_is_not_kept() -> None:
    """It reaches who asked, and a second later it is asked again."""
    now = 0.0

    async def fail() -> Report:
        raise ValueError(f"at {now}")

    readiness = Readiness(fail, lambda: now)
    with pytest.raises(ValueError, match=r"at 0\.0"):
        await readiness.report()
    now = FRESH_SECONDS
    with pytest.raises(ValueError, match=r"at 1\.0"):
        await readiness.report()


async def test_close() -> None:
    """Nothing is left behind."""
    asked = Asked()
    waiting = asyncio.ensure_future(asked.readiness.report())
    await asyncio.sleep(0)
    await asked.readiness.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
