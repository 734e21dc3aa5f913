"""Fixtures of the scenarios."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from approvals.request import Request
from bot.audit_log.directory import LogLost
from bot.audit_log.reading import EntryFilter, entries
from handlers.ports.errors import PortError
from tests.office import Office, office
from tests.scenarios.nursery import Nursery
from tests.told import stories, truth


@pytest.fixture
async def day(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Office]:
    """Open a working day: one replica, decisions are carried, the bot is in every channel. `day_with` opens a different
    day.

    After every scenario, the sealed log alone must give the same state of each request as the store.
    """
    async with office(tmp_path, **getattr(request, "param", {})) as opened:
        yield opened
        await _the_log_tells_it(opened)


async def _the_log_tells_it(day: Office) -> None:
    audit = day.bot.audit_log
    try:
        known = await _requests(day)
        if audit is not None:
            await audit.seal()
    except (PortError, LogLost):
        return  # the scenario ended while its store or its log was unavailable
    if audit is not None:
        told = stories(entries(audit.directory, EntryFilter()))
        assert {one: told[one] for one in known} == {one: truth(request) for one, request in known.items()}


async def _requests(day: Office) -> dict[str, Request]:
    requests = day.bot.store.requests
    mentioned = {entry.request_id for entry in await day.audit() if entry.request_id}
    loaded = [await requests.load(one) for one in sorted(mentioned)]
    return {request.id: request for request in loaded if request}


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Start one interpreter per worker, from which all bots that will be killed are forked."""
    opened = Nursery()
    yield opened
    opened.close()
