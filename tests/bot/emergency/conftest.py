"""The emergency process beside a simulated tenant, over real TLS, and the requests that a client may send to it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.emergency.ledger import LedgerLine
from bot.emergency.server import emergency
from bot.emergency.settings import PREFIX, ProcessSettings, read
from simulator.clock import Clock
from simulator.teams.clients import TEAMS_APP
from simulator.tenant import Tenant, tenant
from tests.office import authority, served

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WHY = "The laptop of the director was stolen at the airport"
REQUEST = "01M83PPH00NZTGPD"


@dataclass
class Site:
    """A tenant, the environment of the emergency process, and the address where it listens."""

    tenant: Tenant
    environment: dict[str, str]
    url: str = ""
    settings: ProcessSettings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = settings_of(self.environment)

    @property
    def ledger(self) -> Path:
        """The file that every call is written to."""
        return self.settings.ledger

    def lines(self) -> list[LedgerLine]:
        """Return the lines of the ledger below its first line, which is its name."""
        return [LedgerLine.model_validate_json(line) for line in self.ledger.read_bytes().splitlines()[1:]]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Run the process until the block ends, and yield its origin."""
        async with (
            emergency(self.settings, self.tenant.clock.now) as process,
            served(process.application()) as port,
        ):
            self.url = f"https://localhost:{port}"
            yield self.url

    def token(self, name: str = "ivan", **claims: Any) -> str:
        """Return the token that Teams gets silently for this person; `claims` replaces the usual ones."""
        uri = self.tenant.teams.identifier_uri
        oid = self.tenant.world.user(name).id
        return self.tenant.entra.user_token(oid, uri, TEAMS_APP, ["access_as_user"], azp=TEAMS_APP, **claims)

    def body(self, device: str = "PC-1", **differently: Any) -> dict[str, Any]:
        """Return the body of a request that would be carried out, with these differences."""
        return {
            "assertion": self.token(),
            "person": self.tenant.world.user("ivan").id,
            "act": "wipe",
            "device_id": self.tenant.world.device(device)["id"],
            "device_name": device,
            "why": WHY,
            "request_id": REQUEST,
            **differently,
        }

    async def ask(self, device: str = "PC-1", **differently: Any) -> tuple[int, str]:
        """Send such a request; return the status and the sentence of the answer."""
        body = self.body(device, **differently)
        async with self.tenant.session.post(f"{self.url}/execute", json=body) as answer:
            return answer.status, (await answer.json())["sentence"]

    def done(self, device: str = "PC-1") -> list[str]:
        """Return the actions that Intune sent to this device, oldest first."""
        return [one["actionName"] for one in self.tenant.world.device(device)["deviceActionResults"]]


def settings_of(environment: dict[str, str]) -> ProcessSettings:
    """Read the settings of the process from this environment alone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        return read()


@pytest.fixture
async def idle(tmp_path: Path) -> AsyncIterator[Site]:
    """Yield a tenant and the environment of the process, without starting the process."""
    async with tenant(Clock(MONDAY), authority=authority()) as place:
        environment = place.emergency_environment(tmp_path / "ca.pem", tmp_path / "ledger.jsonl", ["ivan"])
        yield Site(place, environment)


@pytest.fixture
async def site(idle: Site) -> AsyncIterator[Site]:
    """Yield the same with the process running."""
    async with idle.running():
        yield idle
