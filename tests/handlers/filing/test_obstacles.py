"""What keeps an approved order from being filed, read right before the call."""

from dataclasses import replace

import pytest

from approvals.audit import Kind
from approvals.effects import Alarm, File, NotificationKind, Reply
from approvals.order import Act, FilingState
from approvals.problems import ChangedSinceDecision, DoneBefore, GroupExcluded, NotSetUp, TargetGone
from cards.problems import problem_sentence
from handlers.ports.intune import Content
from handlers.ports.orders import Progress
from tests.handlers.filing.ordered import approved, blocked, file, problem_of, state_of
from tests.handlers.stage import Stage


async def test_a_target_that_is_gone_blocks(stage: Stage) -> None:
    """A missing target blocks the order after ten minutes."""
    request = await approved(stage)
    del stage.orders.plans["d1"]
    await file(stage, request)
    assert stage.planned(Reply) == []
    assert stage.due_in(File(request.id)) == 10
    stage.clock.advance(minutes=10)

    await file(stage, request)

    blocked(stage, request, problem_sentence(TargetGone()))


async def test_a_target_that_changed_blocks(stage: Stage) -> None:
    """A target that changed after the decision blocks the order and alarms."""
    request = await approved(stage)
    stage.intune.contents[""] = Content(sha256="another")

    await file(stage, request)

    blocked(stage, request, problem_sentence(ChangedSinceDecision()))
    assert stage.planned(Alarm) == [Alarm(request.id, NotificationKind.CHANGED_AFTER_DECISION)]


@pytest.mark.parametrize("progress", [Progress.RUNNING, Progress.DONE])
async def test_what_was_done_already_blocks(stage: Stage, progress: Progress) -> None:
    """An operation that was already done blocks the order."""
    request = await approved(stage)
    stage.orders.reached["d1"] = progress

    await file(stage, request)

    blocked(stage, request, problem_sentence(DoneBefore()))


@pytest.mark.parametrize("progress", [Progress.WAITING, Progress.GONE, Progress.FAILED])
async def test_what_shows_nothing_of_it_does_not_block(stage: Stage, progress: Progress) -> None:
    """A device that shows nothing of the operation does not block, even if it is not found."""
    request = await approved(stage)
    stage.orders.reached["d1"] = progress

    await file(stage, request)

    assert state_of(stage, request) is FilingState.HELD


async def test_what_stands_in_its_way_blocks(stage: Stage) -> None:
    """A group that was excluded in the meantime blocks the order, and is not included instead."""
    request = await approved(stage)
    stage.orders.plans["d1"] = replace(stage.orders.plans["d1"], problem=GroupExcluded("Executives"))

    await file(stage, request)

    blocked(stage, request, problem_sentence(GroupExcluded("Executives")))


async def test_an_operation_that_no_policy_holds_blocks(stage: Stage) -> None:
    """An operation that no access policy holds blocks the order, because it would run without an approval."""
    request = await approved(stage)
    stage.orders.held.clear()

    await file(stage, request)

    assert problem_of(stage, request).startswith("Intune has no active access policy for deviceWipe")
    blocked(stage, request, problem_of(stage, request))


async def test_a_policy_of_another_platform_holds_nothing(stage: Stage) -> None:
    """An access policy for another platform does not count."""
    request = await approved(stage)
    stage.orders.held = {(Act.WIPE.policy_type, "macOS")}

    await file(stage, request)

    assert state_of(stage, request) is FilingState.BLOCKED


async def test_where_nothing_can_be_filed_any_more_the_card_says_so() -> None:
    """If the filing application was removed from the settings, the card says so."""
    stage = Stage()
    request = await approved(stage)

    await stage.journeys_with(room=None).filing_orders.file(request.id)

    blocked(stage, request, problem_sentence(NotSetUp()))


async def test_the_same_obstacle_again_is_told_once(stage: Stage) -> None:
    """The same obstacle again is told once."""
    request = await approved(stage)
    stage.orders.held.clear()
    await file(stage, request)
    stage.forget_planned()

    await file(stage, request)

    assert stage.planned(Reply) == []
    assert len(stage.recorded(Kind.NOT_FILED)) == 2


async def test_an_obstacle_that_is_gone_lets_it_be_filed(stage: Stage) -> None:
    """When an obstacle is gone, Finish files the order."""
    request = await approved(stage)
    policies = set(stage.orders.held)
    stage.orders.held.clear()
    await file(stage, request)
    stage.orders.held |= policies

    await stage.journeys.pushing.push(request.id)

    assert (state_of(stage, request), problem_of(stage, request)) == (FilingState.HELD, "")
