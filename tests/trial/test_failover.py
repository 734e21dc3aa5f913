"""A Redis server is killed, frozen or cut off while people vote. Not part of an ordinary run, because it takes
minutes."""

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
    """Lift Teams' limits per conversation, which would only make the trial slower."""
    monkeypatch.setattr(pacing, "LIMITS", ((10_000, 1.0),))
    monkeypatch.setattr(limits, "RATES", ((10_000, 1),))


@pytest.fixture(scope="module")
def table(pytestconfig: pytest.Config) -> Iterator[list[str]]:
    """Collect the rows of results, and print them at the end."""
    rows = [HEAD]
    yield rows
    pytestconfig.get_terminal_writer().line("\n" + "\n".join(rows))


@pytest.mark.parametrize("how", ["kill", "freeze", "cut off"])
async def test_behind_sentinels(how: str, tmp_path: Path, table: list[str]) -> None:
    """With sentinels, every acknowledged vote is stored in the end, and every card shows what is stored."""
    async with behind_sentinels(how) as stage:
        await _trial(f"Sentinel, {how}", stage, tmp_path, table)


@pytest.mark.parametrize("how", ["kill", "move"])
async def test_in_a_cluster(how: str, tmp_path: Path, table: list[str]) -> None:
    """In a cluster, the same holds if the tenant's primary dies, and while its slot is moved."""
    async with in_a_cluster(TENANT_ID, how) as stage:
        await _trial(f"Cluster, {how}", stage, tmp_path, table)


async def _trial(name: str, stage: Stage, directory: Path, table: list[str]) -> None:
    async with company(f"{stage.url}?wait_ms=300", directory) as opened:
        result = await everybody_votes(name, opened, stage)
    table.append(result.line())
    assert (len(result.acknowledged), result.lost, result.wrong_cards) == (VOTES, 0, 0)
