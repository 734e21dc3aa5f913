"""How people stand right now: asked anew for each vote."""

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
    """Rita, and two admins."""
    world = World()
    for who, groups in ((RITA, ()), (ALEX, (ADMINS,)), (DANA, (ADMINS, CAB))):
        world.directory.add(who, *groups)
    return world


async def test_somebody_whom_the_directory_does_not_know_stands_nowhere(world: World) -> None:
    """They are named as whoever asked says."""
    eligibility = await Eligibilities(world.directory, BOOK).to(request(), "ghost", "Ghost")
    assert (eligibility.person.name, eligibility.groups, eligibility.active) == ("Ghost", frozenset(), False)


async def test_voters_are_asked_for_anew(world: World) -> None:
    """All of them at once; one whom the directory has forgotten stands nowhere."""
    known = request()
    for who in (ALEX, person("gone")):
        known = known.with_vote(replace(VOTE, voter=who))

    fresh = await Eligibilities(world.directory, BOOK).of_voters(known)

    assert {account: (one.active, bool(one.groups)) for account, one in fresh.items()} == {
        "alex": (True, True),
        "gone": (False, False),
    }
