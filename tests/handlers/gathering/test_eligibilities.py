"""People's eligibility, read again for each vote."""

from dataclasses import replace

import pytest

from approvals.policy import PolicyBook, Rule
from approvals.request import Verdict, Vote
from handlers.gathering.eligibilities import Eligibilities
from tests.approvals.builders import ADMINS, ALEX, CAB, DANA, RITA, person, request, workflow
from tests.fakes.clock import MORNING
from tests.fakes.world import World

BOOK = PolicyBook((Rule(workflow(groups=(ADMINS,)), frozenset({"devicewipe"}), frozenset()),), workflow(), "c1")
VOTE = Vote(ALEX, Verdict.APPROVE, MORNING, request().digest, frozenset())


@pytest.fixture
def world() -> World:
    """Return a world with Rita and two admins."""
    world = World()
    for who, groups in ((RITA, ()), (ALEX, (ADMINS,)), (DANA, (ADMINS, CAB))):
        world.directory.add(who, *groups)
    return world


async def test_somebody_whom_the_directory_does_not_know_stands_nowhere(world: World) -> None:
    """A person whom the directory does not know is in no group and not active, and keeps the given name."""
    eligibility = await Eligibilities(world.directory, BOOK).to(request(), "ghost", "Ghost")
    assert (eligibility.person.name, eligibility.groups, eligibility.active) == ("Ghost", frozenset(), False)


async def test_voters_are_asked_for_anew(world: World) -> None:
    """The eligibility of all voters is read again; one whom the directory no longer knows is not active."""
    known = request()
    for who in (ALEX, person("gone")):
        known = known.with_vote(replace(VOTE, voter=who))

    fresh = await Eligibilities(world.directory, BOOK).of_voters(known)

    assert {account: (one.active, bool(one.groups)) for account, one in fresh.items()} == {
        "alex": (True, True),
        "gone": (False, False),
    }
