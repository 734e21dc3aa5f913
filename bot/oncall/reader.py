"""Reads a calendar in a separate process, which is killed if it takes too long.

Anyone with write access to the calendar can make it slow to read: a single rule can repeat a billion times. Python
cannot stop such a calculation from another thread, so it runs in a child process: a new interpreter and not a fork,
because this process has threads and secrets. The child gets the feed, an empty environment and little memory, and
answers with JSON.
"""

import asyncio
import contextlib
import json
import math
import os
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.oncall.shifts import Reading, Shift, UnreadableCalendar, shifts

LIMIT = timedelta(seconds=20)
"""For one read. The largest allowed calendar takes four seconds of one processor."""

_MEMORY = 1024**3
"""Bytes of memory for the child. Reading the largest feed takes a fifth of them."""

_ROOT = Path(__file__).parents[2]
_NEEDED = frozenset({"SYSTEMROOT"})  # without it Windows starts no Python


async def read_feed(feed: bytes, zone: ZoneInfo, since: datetime, until: datetime, limit: timedelta = LIMIT) -> Reading:
    """Return every shift that overlaps this time, read in a child process; raises `UnreadableCalendar`."""
    seconds = limit.total_seconds()
    try:
        child = await _child(zone.key, since.isoformat(), until.isoformat(), str(math.ceil(seconds)))
    except OSError as error:
        raise UnreadableCalendar(f"no process can be started to read it: {type(error).__name__}") from None
    try:
        answer, _ = await asyncio.wait_for(child.communicate(feed), seconds)
    except TimeoutError:
        raise UnreadableCalendar(_too_much(seconds)) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise UnreadableCalendar(_too_much(seconds))
    return _reading(json.loads(answer))


async def _child(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-E", "-s", "-m", "bot.oncall.reader", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_ROOT,
        env={name: value for name, value in os.environ.items() if name in _NEEDED},
    )


def _too_much(seconds: float) -> str:
    return f"it takes more than {seconds:g} seconds or {_MEMORY // 1024**2} MB to read"


def _reading(answer: Mapping[str, Any]) -> Reading:
    if "why" in answer:
        raise UnreadableCalendar(answer["why"])
    found = (
        Shift(datetime.fromisoformat(start), datetime.fromisoformat(end), tuple(people), title)
        for start, end, people, title in answer["shifts"]
    )
    return Reading(tuple(found), tuple((uid, why) for uid, why in answer["unread"]))


def _answer(feed: bytes, zone: str, since: str, until: str) -> dict[str, Any]:
    """Return the child's answer in types that JSON supports."""
    text = feed.decode("utf-8-sig", errors="replace")
    try:
        found = shifts(text, ZoneInfo(zone), datetime.fromisoformat(since), datetime.fromisoformat(until))
    except UnreadableCalendar as error:
        return {"why": str(error)}
    plain = [(one.start.isoformat(), one.end.isoformat(), one.people, one.title) for one in found.shifts]
    return {"shifts": plain, "unread": found.unread}


def _limit(seconds: int) -> None:
    """Limit this process's processor time to these seconds, and its memory, where the system supports it."""
    with contextlib.suppress(ImportError):  # Windows has none of it; there the parent's timeout is the only limit
        import resource  # noqa: PLC0415

        limits = {
            resource.RLIMIT_CPU: seconds,
            resource.RLIMIT_AS: _MEMORY,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_CORE: 0,
        }
        for name, most in limits.items():
            with contextlib.suppress(ValueError, OSError):  # macOS refuses some
                resource.setrlimit(name, (most, most))


def main() -> None:
    """Run as the child: zone, time and limit as arguments, the feed on stdin, the answer on stdout."""
    zone, since, until, seconds = sys.argv[1:]
    _limit(int(seconds))
    sys.stdout.write(json.dumps(_answer(sys.stdin.buffer.read(), zone, since, until)))


if __name__ == "__main__":
    main()
