"""Who could fill a seat that is still empty, and which of these people are in the channel."""

from dataclasses import replace

import pytest

from approvals.people import Person
from approvals.request import IntuneStatus, Request, Verdict, Vote
from handlers.gathering.helpers import MOST_MENTIONED, Helpers
from handlers.ports.errors import PortError, Throttled, Unavailable
from handlers.ports.teams import Mention
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA, NOW, RITA, person, request, workflow
from tests.fakes.world import World

VOTE = Vote(ALEX, Verdict.APPROVE, NOW, request().digest, frozenset())
CHANNEL, CHAT = "19:cab", "a:chat"


@pytest.fixture
def world() -> World:
    """Return a world in which Alex and Dana are admins, Cora is in the board, and all are in the channel."""
    world = World()
    for who, group in ((ALEX, ADMINS), (DANA, ADMINS), (CORA, CAB)):
        world.directory.add(who, group)
        in_channel(world, who)
    return world


def in_channel(world: World, who: Person, account: str = "") -> None:
    """Add this person to the channel, with this account."""
    world.chat.rosters.setdefault(CHANNEL, {})[account or who.account] = Mention(f"29:{who.account}", who.name)


def helpers(world: World) -> Helpers:
    """Return the helpers of this world."""
    return Helpers(world.directory, world.chat)


async def names(world: World, known: Request) -> list[str]:
    """Return the names of the people who can help."""
    return [one.name for one in await helpers(world).people(known)]


def voted(*people: Person) -> Request:
    """Return a request that needs one person of each group, with these approvals."""
    made = request()
    for who in people:
        group = CAB if who is CORA else ADMINS
        made = replace(made, votes=(*made.votes, replace(VOTE, voter=who, groups=frozenset({group.id}))))
    return made


async def test_everybody_of_an_open_seat_can_help(world: World) -> None:
    """Everybody who could fill an empty seat can help; they are named in a fixed order."""
    assert await names(world, request()) == ["Alex", "Cora", "Dana"]


async def test_whoever_has_voted_cannot_help(world: World) -> None:
    """A person who has voted cannot help, nor can others whose seat is filled."""
    assert await names(world, voted(ALEX)) == ["Cora"]
    assert await names(world, voted(CORA)) == ["Alex", "Dana"]


async def test_whoever_asked_cannot_help(world: World) -> None:
    """The person who asked cannot help, not even with a linked account."""
    world.directory.add(replace(RITA, account="rita-admin"), ADMINS)
    assert "Rita" not in await names(world, request())


async def test_whoever_is_disabled_cannot_help(world: World) -> None:
    """A disabled account cannot help, even as a member of the group."""
    world.directory.inactive.add("alex")
    assert await names(world, request()) == ["Cora", "Dana"]


async def test_somebody_of_both_groups_is_named_once(world: World) -> None:
    """A person in both groups is named once."""
    world.directory.add(ALEX, CAB)
    assert await names(world, request()) == ["Alex", "Cora", "Dana"]


async def test_a_group_that_is_gone_is_an_error_and_not_an_empty_group(world: World) -> None:
    """A deleted group is an error and not an empty group, or a report would say that nobody can approve."""
    del world.directory.groups[CAB.id]
    with pytest.raises(PortError):
        await names(world, request())


# --- mentions -----------------------------------------------------------------------------------------------------


async def test_only_those_in_the_channel_are_mentioned(world: World) -> None:
    """Only people in the channel are mentioned."""
    del world.chat.rosters[CHANNEL]["dana"]
    found = await helpers(world).mentions(request(), CHANNEL)
    assert [mention.name for mention in found] == ["Alex", "Cora"]


async def test_these_people_are_mentioned_where_they_are_given(world: World) -> None:
    """The given people are mentioned, whether they can help or not."""
    found = await helpers(world).mentions(request(), CHANNEL, [DANA])
    assert [mention.name for mention in found] == ["Dana"]


async def test_at_most_ten_are_mentioned(world: World) -> None:
    """At most ten people are mentioned."""
    for number in range(20):
        who = world.directory.add(person(f"b{number:02}"), CAB)
        in_channel(world, who)
    assert len(await helpers(world).mentions(request(), CHANNEL)) == MOST_MENTIONED


@pytest.mark.parametrize("method", ["members", "mentions"])
async def test_what_nobody_says_costs_the_mentions_only(world: World, method: str) -> None:
    """If the directory or Teams does not answer, only the mentions are missing."""
    troubles = world.directory.troubles if method == "members" else world.chat.troubles
    troubles.refuses[method] = Throttled("busy")

    assert await helpers(world).mentions(request(), CHANNEL) == []
    assert await helpers(world).refreshed(request(), CHANNEL) == ()


# --- whose view refreshes -----------------------------------------------------------------------------------------


async def test_approvers_and_whoever_asked_get_their_own_view(world: World) -> None:
    """Approvers and the person who asked get their own view, by any account that is in the channel."""
    in_channel(world, RITA, "rita-admin")
    assert await helpers(world).refreshed(request(), CHANNEL) == ("29:alex", "29:dana", "29:cora", "29:rita")


async def test_in_a_chat_of_one_nobody_has_a_view_of_their_own(world: World) -> None:
    """In a 1:1 chat nobody gets a view of their own, because the card is already theirs."""
    assert await helpers(world).refreshed(request(), CHAT) == ()


async def test_where_nothing_is_left_to_do_nobody_s_view_refreshes(world: World) -> None:
    """If the request is over, no view refreshes."""
    world.directory.troubles.refuses["members"] = Unavailable("nobody asks it")
    over = replace(request(), intune_status=IntuneStatus.CANCELLED)
    assert await helpers(world).refreshed(over, CHANNEL) == ()


async def test_a_workflow_without_groups_asks_nobody(world: World) -> None:
    """A workflow without groups asks nobody."""
    assert await names(world, request(workflows=(workflow(groups=(), required=0),))) == []
