"""The steps of a vote: what each shows, which votes are Finish, and what a faster vote changes."""

from dataclasses import replace

import pytest

from approvals.audit import Kind
from approvals.request import Decision
from cards.actions import Verb
from handlers.incoming.clicks import ShowCard
from tests.approvals.builders import ALEX, CORA, DANA
from tests.fakes.intune import APPROVED
from tests.handlers.clicking import click, scene, sign_in_link, signed_in, verbs, words
from tests.handlers.deciding.voter import APPROVE, approve, press, reject, verdicts
from tests.handlers.stage import BOOK, OTTO, SCRIPTS, Stage, script


async def test_two_votes_at_once_are_both_counted() -> None:
    """Two votes at the same time both count: the slower one is decided again on the new state."""
    rules = (replace(BOOK.rules[1], workflow=replace(SCRIPTS, required=3)),)
    stage = Stage(replace(BOOK, rules=rules))
    request = await stage.taken_up(script())
    await approve(stage, DANA, request)
    raced = await scene(stage, click(ALEX, APPROVE, request))
    stage.directory.troubles.meanwhile["eligibility"] = lambda: approve(stage, CORA, request)

    await stage.journeys.voting.confirm(raced, Verb.CONFIRM_APPROVE)

    now = stage.now_of(request)
    assert (now.decision, set(verdicts(now))) == (Decision.APPROVED, {"alex", "cora", "dana"})
    assert [entry.who for entry in stage.recorded(Kind.VOTED)] == ["dana", "cora", "alex"]
    assert len(stage.recorded(Kind.QUORUM_REACHED)) == 1


async def test_a_vote_that_loses_against_a_rejection_is_refused(stage: Stage) -> None:
    """A vote that is slower than a rejection is refused, because the request is closed by then."""
    request = await stage.taken_up(script())
    await approve(stage, DANA, request)
    raced = await scene(stage, click(CORA, APPROVE, request))
    stage.directory.troubles.meanwhile["eligibility"] = lambda: reject(stage, ALEX, request)

    answer = await stage.journeys.voting.confirm(raced, Verb.CONFIRM_APPROVE)

    assert "This request is closed: rejected." in words(answer)
    assert stage.now_of(request).decision is Decision.REJECTED
    assert "cora" not in verdicts(stage.now_of(request))


async def test_a_vote_on_content_that_changes_meanwhile_is_refused(stage: Stage) -> None:
    """A vote is refused if the content changes before it is stored."""
    request = await stage.taken_up(script())
    await approve(stage, DANA, request)
    raced = await scene(stage, click(CORA, APPROVE, request))
    stage.directory.troubles.meanwhile["eligibility"] = lambda: stage.taken_up(
        script(), payload={"assign": "everybody"}
    )

    answer = await stage.journeys.voting.confirm(raced, Verb.CONFIRM_APPROVE)

    assert "The request has changed since this card was drawn" in words(answer)
    assert stage.now_of(request).votes == ()


@pytest.mark.parametrize(
    ("verb", "confirming"), [(Verb.APPROVE, Verb.CONFIRM_APPROVE), (Verb.REJECT, Verb.CONFIRM_REJECT)]
)
async def test_the_first_step_asks_once_more(stage: Stage, verb: Verb, confirming: Verb) -> None:
    """The first step asks for a confirmation and stores nothing."""
    request = await stage.taken_up()

    answer = await press(stage, ALEX, verb, request)

    assert verbs(answer) == [confirming, Verb.BACK]
    assert stage.now_of(request) == request


async def test_the_first_step_says_whether_this_vote_decides(stage: Stage) -> None:
    """The first step says whether this vote decides."""
    one, two = await stage.taken_up(), await stage.taken_up(script())

    assert "Your approval decides." in words(await press(stage, ALEX, Verb.APPROVE, one))
    assert "Your approval decides." not in words(await press(stage, ALEX, Verb.APPROVE, two))


@pytest.mark.parametrize("step", [Verb.APPROVE, APPROVE])
async def test_the_same_vote_again_on_a_decision_is_finish(stage: Stage, step: Verb) -> None:
    """The same vote again on a decided request is Finish: the person signs in now, and has voted once."""
    request = await stage.taken_up()
    first = await approve(stage, ALEX, request)
    assert sign_in_link(first)

    if step is APPROVE:
        await approve(stage, ALEX, request, **signed_in(ALEX))
    else:
        await press(stage, ALEX, step, request, **signed_in(ALEX))

    assert [(said.verb, said.account) for said in stage.intune.said] == [("approve", "alex")]
    assert len(stage.recorded(Kind.VOTED)) == 1
    assert stage.intune.rows["i1"].raw_status == APPROVED


async def test_the_other_vote_on_a_decision_is_refused(stage: Stage) -> None:
    """A different vote by the same person on a decided request is refused."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)

    answer = await reject(stage, ALEX, request, **signed_in(ALEX))

    assert "This request is closed: approved." in words(answer)
    assert stage.intune.said == []


async def test_the_vote_of_another_one_on_a_decision_is_refused(stage: Stage) -> None:
    """The vote of another person on a decided request is refused."""
    request = await stage.taken_up()
    await approve(stage, ALEX, request)

    answer = await approve(stage, DANA, request, **signed_in(DANA))

    assert "This request is closed: approved." in words(answer)
    assert stage.intune.said == []


async def test_whoever_may_not_vote_sees_their_own_card_with_the_reason(stage: Stage) -> None:
    """A person who may not vote sees their own card with the reason and without buttons that would be refused."""
    request = await stage.taken_up()

    answer = await approve(stage, OTTO, request)

    assert isinstance(answer, ShowCard)
    assert not {Verb.APPROVE, Verb.REJECT, Verb.FINISH} & set(verbs(answer))
