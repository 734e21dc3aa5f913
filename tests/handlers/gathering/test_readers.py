"""Who may read a request: by their relation to it, or because its card is in the place where they are."""

from dataclasses import replace

import pytest

from approvals.people import Group, Person
from approvals.policy import PolicyBook
from handlers.gathering.eligibilities import Eligibilities
from handlers.gathering.readers import Readers
from handlers.ports.copies import PostedCard
from handlers.ports.errors import Unavailable
from handlers.ports.places import InChannel
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA, RITA, person, request, workflow
from tests.fakes.world import World

OPERATIONS, CHANNEL = "19:operations", "19:cab"
AUDITORS = Group("g-auditors", "Auditors")
BOOK = PolicyBook((), workflow(), "c1", auditors=(AUDITORS,))
AUDRA, OTTO = person("audra"), person("otto")
REQUEST = request(requestor=RITA)


@pytest.fixture
def world() -> World:
    """Return a world: Alex and Dana are admins, Cora is in the board, Audra is an auditor, Otto is in no group."""
    world = World()
    for who, group in ((ALEX, ADMINS), (DANA, ADMINS), (CORA, CAB), (AUDRA, AUDITORS)):
        world.directory.add(who, group)
    world.directory.add(OTTO)
    world.directory.add(RITA)
    world.directory.add(replace(RITA, account="rita-admin"))
    return world


def readers(world: World) -> Readers:
    """Return the readers of this world."""
    return Readers(world.store.copies, BOOK, OPERATIONS, Eligibilities(world.directory, BOOK))


async def reads(world: World, who: Person, conversation: str = "") -> bool:
    """Return whether this person may read the request from this conversation."""
    return await readers(world).reader(REQUEST, who.account, who.name, conversation) is not None


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (RITA, True),
        (replace(RITA, account="rita-admin"), True),
        (ALEX, True),
        (CORA, True),
        (AUDRA, True),
        (OTTO, False),
        (person("ghost"), False),
    ],
    ids=["requestor", "linked-account", "admin", "board", "auditor", "nobody", "unknown"],
)
async def test_who_may_read_it_anywhere(world: World, who: Person, may: bool) -> None:
    """The person who asked, approvers and auditors may read a request anywhere."""
    assert await reads(world, who) is may
    assert (await readers(world).readable([REQUEST], who.account, who.name) == [REQUEST]) is may


async def test_whoever_was_disabled_reads_what_they_asked_for_and_nothing_else(world: World) -> None:
    """A disabled person may read what they asked for, and nothing else."""
    world.directory.inactive |= {"alex", "rita"}
    assert not await reads(world, ALEX)
    assert await reads(world, RITA)


async def test_a_reader_s_standing_covers_what_they_may_do(world: World) -> None:
    """A reader's eligibility also covers what they may do, so that the directory is asked once."""
    eligibility = await readers(world).reader(REQUEST, "alex", "Alex")
    assert eligibility is not None
    assert (eligibility.person, eligibility.groups, eligibility.active) == (ALEX, frozenset({ADMINS.id}), True)


# --- by place -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("copy", "where", "may"),
    [
        (
            PostedCard("R1", InChannel(CHANNEL), f"{CHANNEL};messageid=1", "1", attempt="a"),
            f"{CHANNEL};messageid=9",
            True,
        ),
        (PostedCard("R1", InChannel(CHANNEL), f"{CHANNEL};messageid=1", "1", attempt="a"), CHANNEL, True),
        (PostedCard("R1", InChannel(CHANNEL), f"{CHANNEL};messageid=1", "1", attempt="a"), "19:elsewhere", False),
        (PostedCard("R1", InChannel(CHANNEL), f"{CHANNEL};messageid=1", "1", lost=True, attempt="a"), CHANNEL, False),
        (PostedCard("R1", InChannel(CHANNEL), attempt="a"), CHANNEL, False),
        (PostedCard("R2", InChannel(CHANNEL), f"{CHANNEL};messageid=1", "1", attempt="a"), CHANNEL, False),
    ],
    ids=["its-thread", "its-channel", "elsewhere", "lost-card", "never-posted", "another-request"],
)
async def test_whoever_is_where_a_card_of_it_stands_reads_it(
    world: World, copy: PostedCard, where: str, may: bool
) -> None:
    """A person in a place where a card of the request stands may read it."""
    await world.store.copies.save(copy)

    assert await reads(world, OTTO, where) is may
    assert await readers(world).reads_anyway(REQUEST, "otto", where) is may


async def test_in_the_operations_channel_everything_is_read(world: World) -> None:
    """Everything may be read in the operations channel, because alarms of all requests appear there."""
    assert await reads(world, OTTO, f"{OPERATIONS};messageid=3")


async def test_no_place_is_no_operations_channel(world: World) -> None:
    """If no operations channel is configured, an empty conversation does not count as it."""
    flow = replace(readers(world), operations_channel="")
    assert await flow.reader(REQUEST, "otto", "Otto", "") is None
    assert not await flow.is_read_in(REQUEST, "")


# --- what nobody may learn ----------------------------------------------------------------------------------------


async def test_for_a_request_that_is_not_there_the_directory_is_asked_too(world: World) -> None:
    """The directory is asked for an unknown request too, or the answer would tell whether it exists."""
    assert await readers(world).reader(None, "alex", "Alex") is None
    world.directory.troubles.refuses["eligibility"] = Unavailable("away")
    for known in (REQUEST, None):
        with pytest.raises(Unavailable):
            await readers(world).reader(known, "alex", "Alex")


async def test_without_the_directory_only_whoever_asked_reads_it(world: World) -> None:
    """Without the directory only the person who asked may read the request, because the account is enough."""
    flow = readers(world)
    assert await flow.reads_anyway(REQUEST, "rita", "")
    assert await flow.reads_anyway(REQUEST, "rita-admin", "")
    assert not await flow.reads_anyway(REQUEST, "alex", "")
