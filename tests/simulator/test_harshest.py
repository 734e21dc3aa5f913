"""The harshest setting uses every knob, and its random troubles are the same for the same seed."""

from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import timedelta

import pytest

from simulator import harshest, weather
from simulator.clock import Clock
from simulator.entra.faults import EntraFaults, Trouble
from simulator.graph import faults as graph
from simulator.graph.knobs import Knobs
from simulator.teams import faults as teams
from simulator.teams.knobs import Knobs as TeamsKnobs
from simulator.tenant import Tenant, tenant
from simulator.weather import Met, Weather
from tests.office import MONDAY, authority


@pytest.fixture
async def site() -> AsyncIterator[Tenant]:
    async with tenant(Clock(MONDAY), authority=authority()) as opened:
        yield opened


async def test_every_knob_is_set_or_left_out_for_a_reason(site: Tenant) -> None:
    """Every knob is either set or left out with a reason, and not both."""
    settings = {
        "graph": (Knobs, harshest.graph_knobs(1)),
        "teams": (TeamsKnobs, harshest.teams_knobs(1)),
        "entra": (EntraFaults, harshest.entra_faults(site)),
    }
    known = {f"{service}.{one.name}" for service, (kind, _) in settings.items() for one in fields(kind)}
    wanted = {f"{service}.{name}" for service, (_, those) in settings.items() for name in those}

    assert known == wanted | set(harshest.LEFT_OUT)
    assert not wanted & set(harshest.LEFT_OUT)
    assert all(harshest.LEFT_OUT.values())


async def test_every_kind_of_trouble_is_weather_or_left_out(site: Tenant) -> None:
    """Among many calls every kind of trouble occurs, except those that are left out."""
    over = harshest.harshen(site, 1)
    over.on = True

    for number in range(2000):
        over.clock.advance(timedelta(minutes=5))
        over.over_teams("POST", f"/teams/v3/conversations/{number % 7}/activities")
        over.over_teams("PUT", f"/teams/v3/conversations/{number % 7}/activities/1")
        over.over_entra("POST", f"/tenant-{number % 7}/token")

    met = {(one.service, one.kind) for one in over.met}
    left_out = set(weather.LEFT_OUT)
    assert {kind for service, kind in met if service == "teams"} == {*teams.Kind} - left_out
    assert {kind for service, kind in met if service == "entra"} == {*Trouble}
    assert {*weather.OF_READS, *weather.OF_WRITES} == {*graph.Kind} - left_out


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_is_the_same_weather(seed: int) -> None:
    """The same seed gives the same troubles, even with other calls in between."""

    def told(*between: str) -> list[Met]:
        clock = Clock(MONDAY)
        over = Weather(seed, clock, on=True)
        for number in range(300):
            clock.advance(timedelta(minutes=1))
            over.over_teams("PUT", f"/teams/v3/conversations/a/activities/{10_000 + number}")
            for path in between:
                over.over_entra("GET", path)
        return [one for one in over.met if one.service == "teams"]

    alone, among_others = told(), told("/keys", "/token")
    assert [one.kind for one in alone[:5]] == [one.kind for one in among_others[:5]]
    assert 0.01 < len(alone) / 300 < 0.4


def test_no_weather_until_it_is_on() -> None:
    """There are no troubles before they are switched on, so that a bot can start."""
    clock = Clock(MONDAY)
    over = Weather(1, clock)

    assert not any(over.over_teams("PUT", "/teams/v3/conversations/a/activities/1") for _ in range(200))
    assert clock.now() == MONDAY
