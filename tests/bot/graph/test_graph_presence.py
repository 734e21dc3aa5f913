"""Who is away: asked for several people at once, remembered for a minute, and nobody if it is unknown."""

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.graph.http import GraphClient
from bot.graph.presence import LIVES, MOST_AT_ONCE, GraphPresence
from simulator.graph.faults import Fault, Kind
from simulator.story import WORKER
from tests.bot.graph.scripted import ScriptedGraph
from tests.bot.graph.tenant import Tenant
from tests.fakes.clock import Clock

PATH = "/v1.0/communications/getPresencesByUserId"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def presence(client: GraphClient, clock: Clock) -> GraphPresence:
    return GraphPresence(client, clock)


def row(account: str, availability: str = "Available", **more: Any) -> dict[str, Any]:
    return {"id": account, "availability": availability, "activity": availability, "outOfOfficeSettings": None} | more


async def test_away_is_offline_or_out_of_office(tenant: Tenant, clock: Clock) -> None:
    """A person is away if offline or out of office; a person who is busy, briefly away or unknown is not."""
    words = {"dana": "Offline", "sam": "OutOfOffice", "alex": "Busy", "petra": "Away", "nina": "PresenceUnknown"}
    for name, word in words.items():
        tenant.world.user(name).availability = word
    ids = [tenant.world.user(name).id for name in words]
    away = await GraphPresence(tenant.client, clock).away([*ids, "00000000-0000-4000-8000-000000000000"])
    assert away == {tenant.world.user("dana").id, tenant.world.user("sam").id}


@pytest.mark.parametrize(
    ("said", "is_away"),
    [
        ({"availability": "Offline"}, True),
        ({"activity": "OutOfOffice"}, True),
        ({"outOfOfficeSettings": {"isOutOfOffice": True}}, True),
        ({"outOfOfficeSettings": {"isOutOfOffice": False}}, False),
        ({"outOfOfficeSettings": "true"}, False),
        ({"availability": "DoNotDisturb", "activity": "Presenting"}, False),
        ({"availability": None, "activity": None}, False),
        ({"availability": ["Offline"]}, False),
    ],
)
async def test_each_sign_is_enough(
    graph: ScriptedGraph, presence: GraphPresence, said: dict[str, Any], *, is_away: bool
) -> None:
    """Each of the three signs is enough to count as away, and nothing else counts."""
    graph.tell(PATH, {"value": [row("U1") | said]})
    assert await presence.away(["u1"]) == ({"u1"} if is_away else set())


async def test_many_are_asked_for_in_parts(graph: ScriptedGraph, presence: GraphPresence) -> None:
    """People are asked for in parts, each once, and no call is made for nobody."""
    assert await presence.away([]) == frozenset()
    graph.tell(PATH, {"value": [row("u0", "Offline")]})
    graph.tell(PATH, {"value": [row(f"u{MOST_AT_ONCE}", "Offline")]})
    people = [f"u{number}" for number in range(MOST_AT_ONCE + 1)]
    assert await presence.away([*people, "u1", "u2"]) == {"u0", f"u{MOST_AT_ONCE}"}
    assert [len(call.body["ids"]) for call in graph.calls] == [MOST_AT_ONCE, 1]


async def test_an_answer_is_good_for_a_minute(graph: ScriptedGraph, presence: GraphPresence, clock: Clock) -> None:
    """An answer is remembered for a minute, also for people about whom Graph said nothing; only the others are asked
    for."""
    graph.tell(PATH, {"value": [row("u1", "Offline")]})
    graph.tell(PATH, {"value": [row("u3")]})
    graph.tell(PATH, {"value": [row("u1"), row("u2", "Offline")]})
    assert await presence.away(["u1", "u2"]) == {"u1"}
    clock.time += LIVES - timedelta(seconds=1)
    assert await presence.away(["u1", "u2", "u3"]) == {"u1"}
    clock.time += timedelta(seconds=1)
    assert await presence.away(["u1", "u2"]) == {"u2"}
    assert [call.body["ids"] for call in graph.calls] == [["u1", "u2"], ["u3"], ["u1", "u2"]]


async def test_a_clock_that_was_set_back_keeps_nothing(
    graph: ScriptedGraph, presence: GraphPresence, clock: Clock
) -> None:
    """If the clock is set back, remembered answers are dropped."""
    graph.tell(PATH, {"value": [row("u1", "Offline")]})
    graph.tell(PATH, {"value": [row("u1")]})
    assert await presence.away(["u1"]) == {"u1"}
    clock.time -= timedelta(hours=1)
    assert await presence.away(["u1"]) == frozenset()


async def test_without_the_permission_nobody_is_away(tenant: Tenant, clock: Clock) -> None:
    """Without the permission nobody is away; that is logged once, and Graph is asked again after a minute."""
    dana = tenant.world.user("dana")
    dana.availability = "Offline"
    tenant.world.application(WORKER).roles.discard("Presence.Read.All")
    presence = GraphPresence(tenant.client, clock)
    with capture_logs() as logs:
        for _ in range(3):
            assert await presence.away([dana.id]) == frozenset()
            assert await presence.away([dana.id]) == frozenset()
            clock.time += LIVES
    assert [one["event"] for one in logs] == ["presence_unknown"]
    assert sum(call.path.endswith("getPresencesByUserId") for call in tenant.graph.calls) == 3


@pytest.mark.parametrize("kind", [Kind.UNAVAILABLE, Kind.LOST_ANSWER, Kind.THROTTLED])
async def test_without_an_answer_nobody_is_away(tenant: Tenant, clock: Clock, kind: Kind) -> None:
    """If Graph does not answer, nobody is away; that is logged again only after Graph has answered in between."""
    dana = tenant.world.user("dana")
    dana.availability = "Offline"
    presence = GraphPresence(tenant.client, clock)
    with capture_logs() as logs:
        for times in (9, 0, 9):
            tenant.graph.faults[:] = [Fault(kind, "getPresencesByUserId", times=times)]
            assert await presence.away([dana.id]) == (frozenset() if times else {dana.id})
            clock.time += LIVES
    assert [one["event"] for one in logs] == ["presence_unknown"] * 2


@pytest.mark.parametrize("answer", [{}, {"value": None}, {"value": "u1"}, {"value": [None, "u1", 7]}])
async def test_a_strange_answer_is_nobody(
    graph: ScriptedGraph, presence: GraphPresence, answer: dict[str, Any]
) -> None:
    """An answer of an unexpected form means that nobody is away."""
    graph.tell(PATH, answer)
    assert await presence.away(["u1"]) == frozenset()
