"""The readiness report is made once for all callers."""

import asyncio

import pytest

from bot.web.readiness import FRESH_SECONDS, Readiness, Report

GOOD: Report = 200, {"status": "ready"}


class Asked:
    """A fake check that counts its calls and waits until the test lets it answer."""

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
    """All callers within a second get the same report, also while it is being made."""
    asked = Asked()
    waiting = asyncio.gather(*(asked.readiness.report() for _ in range(50)))
    asked.answers.set()

    assert await waiting == [GOOD] * 50
    assert await asked.readiness.report() == GOOD
    assert asked.times == 1


async def test_every_second() -> None:
    """A report is not used for longer than a second."""
    asked = Asked()
    asked.answers.set()
    for moment in (0.0, FRESH_SECONDS / 2, FRESH_SECONDS, FRESH_SECONDS * 1.5, FRESH_SECONDS * 3):
        asked.now = moment
        await asked.readiness.report()

    assert asked.times == 3


async def test_no_second_question_before_the_first_is_answered() -> None:
    """No second check begins before the first is finished, so that checks do not pile up."""
    asked = Asked()
    first = asyncio.ensure_future(asked.readiness.report())
    await asyncio.sleep(0)
    asked.now = FRESH_SECONDS * 10
    second = asyncio.ensure_future(asked.readiness.report())
    await asyncio.sleep(0)
    asked.answers.set()

    assert (await first, await second, asked.times) == (GOOD, GOOD, 1)


async def test_a_bug_is_not_kept() -> None:
    """An error in the check is raised to the caller, and the check is made again a second later."""
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
    """Closing cancels the check that is under way."""
    asked = Asked()
    waiting = asyncio.ensure_future(asked.readiness.report())
    await asyncio.sleep(0)
    await asked.readiness.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
