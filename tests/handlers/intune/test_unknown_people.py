"""People whom the directory does not know, or not at the moment, never gain a vote by that."""

from dataclasses import replace
from typing import Any

import pytest

from approvals.disagreement import Disagreement, disagreement
from approvals.people import Application, Person
from approvals.request import Decision, Request
from handlers.ports.intune import Identity
from tests.approvals.builders import ADMINS, ALEX, DANA, RITA
from tests.fakes.intune import APPROVED, wipe
from tests.handlers.clicking import words
from tests.handlers.deciding.voter import approve
from tests.handlers.filing.ordered import complete, held, intune_id_of
from tests.handlers.stage import Stage

OWN, UNKNOWN = "This is your own request", "The directory does not know who asked for this"
ADMIN = Identity("rita-admin", "Rita", is_person=True)
APP = Identity("app", "Deployer", is_person=False)


@pytest.fixture
def stage() -> Stage:
    """Return a stage on which Rita is an approver with one account and asks with the other."""
    stage = Stage()
    stage.directory.add(RITA, ADMINS)
    stage.directory.add(replace(RITA, account="rita-admin"))
    return stage


async def read(stage: Stage, **changes: Any) -> Request:
    """Read the wipe that Rita's other account has filed, and return it."""
    return await stage.taken_up(replace(wipe(requestor=ADMIN), **changes))


async def test_whoever_asked_and_is_not_known_keeps_everybody_from_approving(stage: Stage) -> None:
    """An unknown requestor keeps everybody from approving, because their other accounts are unknown."""
    del stage.directory.people["rita-admin"]
    request = await read(stage)

    for who in (RITA, ALEX):
        assert UNKNOWN in words(await approve(stage, who, request))
    assert stage.now_of(request).votes == ()


@pytest.mark.parametrize("later", ["deleted", "unlinked"])
async def test_what_was_known_of_whoever_asked_stays_known(stage: Stage, later: str) -> None:
    """Known accounts of a requestor stay known, so deleting an account or a link gains no vote."""
    request = await read(stage)
    if later == "deleted":
        del stage.directory.people["rita-admin"]
    else:
        stage.directory.add(Person("rita-admin", "Rita", frozenset({"rita-admin"})))
    await read(stage)

    assert OWN in words(await approve(stage, RITA, request))
    await approve(stage, ALEX, request)
    assert stage.now_of(request).decision is Decision.APPROVED


async def test_whoever_is_found_later_is_known_from_then_on(stage: Stage) -> None:
    """A requestor who is found later is known from then on, and others may vote."""
    del stage.directory.people["rita-admin"]
    request = await read(stage)
    stage.directory.add(replace(RITA, account="rita-admin"))
    await read(stage)

    assert OWN in words(await approve(stage, RITA, request))
    await approve(stage, ALEX, request)
    assert stage.now_of(request).decision is Decision.APPROVED


async def test_a_vote_falls_when_it_turns_out_to_be_their_own_request(stage: Stage) -> None:
    """A vote falls when Intune later says that the voter asked."""
    request = await read(stage, requestor=Identity("app", "Deployer", is_person=False))
    await approve(stage, RITA, request)
    assert len(stage.now_of(request).votes) == 1

    await read(stage)

    assert stage.now_of(request).votes == ()


# --- owners of applications ---------------------------------------------------------------------------------------


async def test_an_owner_who_is_not_known_keeps_everybody_from_approving() -> None:
    """An unknown owner of an application keeps everybody from approving."""
    stage = Stage(owners={"app": ("gone",)})
    request = await stage.taken_up(requestor=APP)

    assert UNKNOWN in words(await approve(stage, ALEX, request))


async def test_what_was_known_of_an_owner_stays_known() -> None:
    """Known owners stay known, with their linked accounts."""
    stage = Stage(owners={"app": ("dana", "owner")})
    stage.directory.add(Person("owner", "Owner", frozenset({"owner", "alex"})))
    request = await stage.taken_up(requestor=APP)
    del stage.directory.people["owner"]
    await stage.taken_up(requestor=APP)

    for who in (DANA, ALEX):
        assert OWN in words(await approve(stage, who, request))
    asker = stage.now_of(request).requestor
    assert isinstance(asker, Application)
    assert all(owner.known for owner in asker.owners)


# --- approvers in the portal --------------------------------------------------------------------------------------


async def test_whoever_approved_in_the_portal_and_is_not_known_completes_nothing() -> None:
    """An approval in the portal by an unknown person completes nothing until the person is known."""
    stage = Stage()
    request = await held(stage)
    stage.clock.advance(minutes=1)
    dana = stage.directory.people.pop("dana")
    by = Identity("dana", "Dana", is_person=True)
    stage.intune.move(intune_id_of(stage, request), raw_status=APPROVED, approver=by)
    await complete(stage, request)
    assert stage.filer.done == []
    assert disagreement(stage.now_of(request)) is Disagreement.APPROVED_BY_NOBODY_KNOWN

    stage.directory.add(dana, ADMINS)
    await complete(stage, request)

    assert len(stage.filer.done) == 1
