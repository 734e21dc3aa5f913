"""A server of Redis is killed, frozen or cut off while people vote. Not part of an ordinary run: it takes minutes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.teams.outbound import pacing
from simulator.teams import limits
from simulator.world import TENANT_ID
from tests.trial.stages import Stage, behind_sentinels, in_a_cluster
from tests.trial.voting import HEAD, VOTES, company, everybody_votes

pytestmark = [pytest.mark.extra, pytest.mark.timeout(240)]


@pytest.fixture(autouse=True)
def _patient_teams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Teams' limits per conversation would only make everybody wait."""
    monkeypatch.setattr(pacing, "LIMITS", ((10_000, 1.0),))
    monkeypatch.setattr(limits, "RATES", ((10_000, 1),))


@pytest.fixture(scope="module")
def table(pytestconfig: pytest.Config) -> Iterator[list[str]]:
    """The figures, shown when all is over."""
    rows = [HEAD]
    yield rows
    pytestconfig.get_terminal_writer().line("\n" + "\n".join(rows))


@pytest.mark.parametrize("how", ["kill", "freeze", "cut off"])
async def test_behind_sentinels(how: str, tmp_path: Path, table: list[str]) -> None:
    """Every vote that was thanked for is there in the end, and every card shows what is stored."""
    async with behind_sentinels(how) as stage:
        await _trial(f"Sentinel, {how}", stage, tmp_path, table)


@pytest.mark.parametrize("how", ["kill", "move"])
async def test_in_a_cluster(how: str, tmp_path: Path, table: list[str]) -> None:
    """The same where the tenant's primary dies, and while its slot is moved."""
    async with in_a_cluster(TENANT_ID, how) as stage:
        await _trial(f"Cluster, {how}", stage, tmp_path, table)


async def _trial(name: str, stage: Stage, directory: Path, table: list[str]) -> None:
    async with company(f"{stage.url}?wait_ms=300", directory) as opened:
        result = await everybody_votes(name, opened, stage)
    table.append(result.line())
    assert (len(result.acknowledged), result.lost, result.wrong_cards) == (VOTES, 0, 0)
