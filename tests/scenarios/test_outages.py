"""A neighbour is away for hours. When it is back, everything that was due is done."""

import pytest

from simulator.graph import faults as graph
from simulator.graph.faults import Fault as GraphFault
from simulator.teams.faults import Fault, Kind
from tests.office import Office, day_with, text_of


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Kind.STATUS, 403, code="ServiceError", times=10_000),
        Fault(Kind.STATUS, 401, code="Unauthorized", times=10_000),
        Fault(Kind.STATUS, 503, times=10_000),
    ],
    ids=["403 in passing", "our token refused", "503"],
)
async def test_teams_is_away_for_hours(day: Office, fault: Fault) -> None:
    """If Teams refuses every call for hours, in whatever way, the card is posted when Teams works again."""
    day.tenant.connector.faults.append(fault)
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen on the train")
    await day.poll()
    for _ in range(72):
        await day.pass_time(minutes=5)
    assert day.requests() == []

    day.tenant.connector.faults.clear()
    await day.pass_time(minutes=10)

    assert "PC-1" in text_of(day.card().card)
    assert await day.bot.store.outbox.dead_letters() == []


@day_with(asking=True)
async def test_graph_takes_no_token_of_ours_for_hours(day: Office) -> None:
    """If Graph refuses our token for hours, the approved order is filed when Graph accepts it again."""
    await day.ask("rita", "/wipe PC-1", typed="PC-1")
    await day.approve("dana", day.card())
    day.tenant.graph.faults.append(GraphFault(graph.Kind.UNAUTHORIZED, times=10_000))
    for _ in range(72):
        await day.pass_time(minutes=5)

    day.tenant.graph.faults.clear()
    await day.pass_time(minutes=10)

    assert await day.bot.store.outbox.dead_letters() == []
    [filed] = day.tenant.graph.requests()
    assert filed.status == "needsApproval"
