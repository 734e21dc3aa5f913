"""Who can be asked now: delegations, presence and channels; what Teams does not say makes nobody absent."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from handlers.gathering.availability import Availability
from handlers.ports.errors import PortError, Unavailable
from handlers.ports.memory import Delegation
from handlers.ports.teams import Mention
from tests.approvals.builders import ALEX, CORA, DANA, person
from tests.fakes.clock import MORNING
from tests.fakes.people import Presence
from tests.fakes.world import World

DAY = timedelta(days=1)


class NoPresence(Presence):
    """Teams does not answer."""

    async def away(self, accounts: Sequence[str]) -> frozenset[str]:
        raise Unavailable("away")


@pytest.fixture
def world() -> World:
    """Everybody is there."""
    return World()


def availability(world: World, presence: Presence | None = None) -> Availability:
    """Of this world."""
    return Availability(world.clock, world.chat, world.store.memory, presence or world.presence)


async def delegated(world: World, away: str, delegate: str, start: timedelta = -DAY, end: timedelta = DAY) -> None:
    """Somebody has said that they are away."""
    await world.store.memory.delegate(Delegation(away, delegate, MORNING + start, MORNING + end))


async def asked(world: World, presence: Presence | None = None) -> list[str]:
    """The accounts of those of Alex, Cora and Dana who are asked now."""
    return [one.account for one in await availability(world, presence).whom_to_ask([ALEX, CORA, DANA])]


async def test_whoever_is_there_is_asked(world: World) -> None:
    """In the order in which they were given."""
    assert await asked(world) == ["alex", "cora", "dana"]


async def test_whoever_is_away_is_not_asked(world: World) -> None:
    """Offline, or out of office."""
    world.presence.absent = {"cora"}
    assert await asked(world) == ["alex", "dana"]


async def test_where_everybody_is_away_everybody_is_asked(world: World) -> None:
    """Better than nobody."""
    world.presence.absent = {"alex", "cora", "dana"}
    assert await asked(world) == ["alex", "cora", "dana"]


async def test_where_teams_does_not_say_nobody_is_away(world: World) -> None:
    """No answer makes nobody absent."""
    assert await asked(world, NoPresence()) == ["alex", "cora", "dana"]


async def test_a_delegate_is_asked_in_place_of_whoever_is_away(world: World) -> None:
    """Once, who may have been asked anyway."""
    await delegated(world, "cora", "dana")
    assert await asked(world) == ["alex", "dana"]


async def test_a_delegate_who_could_not_help_is_not_asked(world: World) -> None:
    """A delegation gives nobody a right; whoever is away is then not asked either, while others are there."""
    await delegated(world, "cora", "otto")
    assert await asked(world) == ["alex", "dana"]


async def test_where_only_delegates_who_cannot_help_are_left_everybody_is_asked(world: World) -> None:
    """Else nobody would hear of it."""
    for account in ("alex", "cora", "dana"):
        await delegated(world, account, "otto")
    assert await asked(world) == ["alex", "cora", "dana"]


async def test_a_delegate_who_is_away_is_not_asked(world: World) -> None:
    """Others are."""
    await delegated(world, "cora", "dana")
    world.presence.absent = {"dana"}
    assert await asked(world) == ["alex"]


@pytest.mark.parametrize(
    ("start", "end", "holds"),
    [
        (timedelta(), DAY, True),
        (timedelta(seconds=1), DAY, False),
        (-DAY, timedelta(), False),
        (-DAY, timedelta(seconds=1), True),
    ],
    ids=["begins-now", "begins-later", "ends-now", "ends-later"],
)
async def test_a_delegation_holds_from_its_start_until_its_end(
    world: World, start: timedelta, end: timedelta, holds: bool
) -> None:
    """By the time that everybody decides by."""
    await delegated(world, "cora", "dana", start, end)
    assert ("cora" not in await asked(world)) is holds


async def test_away_by_their_own_word_counts_at_any_time(world: World) -> None:
    """Presence counts only now."""
    await delegated(world, "cora", "dana", DAY, 2 * DAY)
    world.presence.absent = {"alex"}
    flow, people = availability(world), [ALEX, CORA, DANA]

    assert await flow.away(people, MORNING, now=True) == {"alex"}
    assert await flow.away(people, MORNING + DAY, now=False) == {"cora"}


# --- in a channel -------------------------------------------------------------------------------------------------


async def test_whoever_is_in_no_channel_cannot_be_reached(world: World) -> None:
    """With whichever of their accounts."""
    world.chat.rosters["19:a"] = {"alex": Mention("29:alex", "Alex")}
    world.chat.rosters["19:b"] = {"cora-chat": Mention("29:cora", "Cora")}
    people = [ALEX, person("cora", "cora-chat"), DANA]

    assert await availability(world).unreachable(people, ["19:a", "19:b"]) == {"dana"}


@pytest.mark.parametrize("error", [Unavailable("away"), PortError("no")])
async def test_where_teams_does_not_say_everybody_can_be_reached(world: World, error: PortError) -> None:
    """It is no reason for an alarm."""
    world.chat.troubles.refuses["mentions"] = error
    assert await availability(world).unreachable([ALEX], ["19:a"]) == frozenset()
