"""Who can be asked now: delegations, presence and channels. If Teams does not answer, nobody counts as away."""

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
    """A presence that does not answer."""

    async def away(self, accounts: Sequence[str]) -> frozenset[str]:
        raise Unavailable("away")


@pytest.fixture
def world() -> World:
    """Return a world in which everybody is present."""
    return World()


def availability(world: World, presence: Presence | None = None) -> Availability:
    """Return the availability of this world."""
    return Availability(world.clock, world.chat, world.store.memory, presence or world.presence)


async def delegated(world: World, away: str, delegate: str, start: timedelta = -DAY, end: timedelta = DAY) -> None:
    """Store a delegation of a person who is away."""
    await world.store.memory.delegate(Delegation(away, delegate, MORNING + start, MORNING + end))


async def asked(world: World, presence: Presence | None = None) -> list[str]:
    """Return the accounts of those of Alex, Cora and Dana who are asked now."""
    return [one.account for one in await availability(world, presence).whom_to_ask([ALEX, CORA, DANA])]


async def test_whoever_is_there_is_asked(world: World) -> None:
    """People who are present are asked, in the given order."""
    assert await asked(world) == ["alex", "cora", "dana"]


async def test_whoever_is_away_is_not_asked(world: World) -> None:
    """A person who is offline or out of office is not asked."""
    world.presence.absent = {"cora"}
    assert await asked(world) == ["alex", "dana"]


async def test_where_everybody_is_away_everybody_is_asked(world: World) -> None:
    """If everybody is away, everybody is asked."""
    world.presence.absent = {"alex", "cora", "dana"}
    assert await asked(world) == ["alex", "cora", "dana"]


async def test_where_teams_does_not_say_nobody_is_away(world: World) -> None:
    """If Teams does not answer, nobody counts as away."""
    assert await asked(world, NoPresence()) == ["alex", "cora", "dana"]


async def test_a_delegate_is_asked_in_place_of_whoever_is_away(world: World) -> None:
    """The delegate is asked instead of the person who is away, and only once."""
    await delegated(world, "cora", "dana")
    assert await asked(world) == ["alex", "dana"]


async def test_a_delegate_who_could_not_help_is_not_asked(world: World) -> None:
    """A delegate who could not help is not asked; nor is the person who is away, while others are there."""
    await delegated(world, "cora", "otto")
    assert await asked(world) == ["alex", "dana"]


async def test_where_only_delegates_who_cannot_help_are_left_everybody_is_asked(world: World) -> None:
    """If only delegates who cannot help are left, everybody is asked."""
    for account in ("alex", "cora", "dana"):
        await delegated(world, account, "otto")
    assert await asked(world) == ["alex", "cora", "dana"]


async def test_a_delegate_who_is_away_is_not_asked(world: World) -> None:
    """A delegate who is away is not asked."""
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
    """A delegation holds from its start until its end, by the clock of the store."""
    await delegated(world, "cora", "dana", start, end)
    assert ("cora" not in await asked(world)) is holds


async def test_away_by_their_own_word_counts_at_any_time(world: World) -> None:
    """A delegation counts at its time, even in the future; presence counts only now."""
    await delegated(world, "cora", "dana", DAY, 2 * DAY)
    world.presence.absent = {"alex"}
    flow, people = availability(world), [ALEX, CORA, DANA]

    assert await flow.away(people, MORNING, now=True) == {"alex"}
    assert await flow.away(people, MORNING + DAY, now=False) == {"cora"}


# --- in a channel -------------------------------------------------------------------------------------------------


async def test_whoever_is_in_no_channel_cannot_be_reached(world: World) -> None:
    """A person who is in none of the channels, with any account, cannot be reached."""
    world.chat.rosters["19:a"] = {"alex": Mention("29:alex", "Alex")}
    world.chat.rosters["19:b"] = {"cora-chat": Mention("29:cora", "Cora")}
    people = [ALEX, person("cora", "cora-chat"), DANA]

    assert await availability(world).unreachable(people, ["19:a", "19:b"]) == {"dana"}


@pytest.mark.parametrize("error", [Unavailable("away"), PortError("no")])
async def test_where_teams_does_not_say_everybody_can_be_reached(world: World, error: PortError) -> None:
    """If Teams does not answer, everybody counts as reachable, so that it does not alarm."""
    world.chat.troubles.refuses["mentions"] = error
    assert await availability(world).unreachable([ALEX], ["19:a"]) == frozenset()
