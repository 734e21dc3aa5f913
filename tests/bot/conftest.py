"""Fixtures: a tenant that is set up correctly, a Graph client that reads it, and `check` run on it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.check.finding import CheckResult, Mark
from bot.check.run import findings
from bot.config.environment import PREFIX
from bot.graph.http import GraphClient
from bot.wiring.neighbours import REAL_TIME, neighbours
from simulator.clock import Clock
from simulator.tenant import Tenant, tenant
from tests.bot.processes import complete, configure, set_up
from tests.office import MONDAY, authority, settings_of


@dataclass
class SetUp:
    """A tenant, the environment of the product, and a function that runs `check`."""

    tenant: Tenant
    environment: dict[str, str]
    directory: Path
    look: Callable[[], Awaitable[list[CheckResult]]]

    def configure(self, **ours: Any) -> None:
        configure(self.directory, complete(self.tenant, **ours))

    def set(self, **variables: str) -> None:
        self.environment |= {PREFIX + name: value for name, value in variables.items()}

    async def troubles(self) -> list[CheckResult]:
        """Return all findings that are not good, after asserting that each one gives advice."""
        found = [finding for finding in await self.look() if finding.mark is not Mark.GOOD]
        assert all(finding.advice for finding in found)
        return found


@pytest.fixture
async def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SetUp]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)

    async with set_up(tmp_path) as (site, environment):

        async def look() -> list[CheckResult]:
            with monkeypatch.context() as patch:
                for name, value in environment.items():
                    patch.setenv(name, value)
                return [finding async for finding in findings()]

        yield SetUp(site, environment, tmp_path, look)


@pytest.fixture
async def site() -> AsyncIterator[Tenant]:
    async with tenant(Clock(MONDAY), authority=authority()) as opened:
        yield opened


@pytest.fixture
async def graph_client(site: Tenant, tmp_path: Path) -> AsyncIterator[GraphClient]:
    settings = settings_of(site.environment(tmp_path / "ca.pem", "https://localhost"))
    async with neighbours(settings, REAL_TIME) as near:
        yield near.graph
