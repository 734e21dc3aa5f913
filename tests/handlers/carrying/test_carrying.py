"""Carrying a decision to Intune: look first, reserve the one call, and never send it twice blindly."""

import pytest

from approvals.audit import Identified, Kind
from approvals.causes import Finished
from approvals.disagreement import Disagreement
from approvals.effects import AwaitIntune, NotificationKind, Reply, TellPerson
from approvals.people import Person
from approvals.request import CarryState, Decision, IntuneStatus
from cards.disagreements import sentence_of
from handlers.carrying.carrying import NOT_READ
from handlers.ports.errors import (
    Conflict,
    Forbidden,
    NotFound,
    PortError,
    SignInFailed,
    SignInTrouble,
    Throttled,
    TokenRefused,
    Unavailable,
)
from handlers.ports.intune import Identity
from tests.approvals.builders import ALEX, CORA, DANA, RITA
from tests.fakes.intune import APPROVED, CANCELLED, REJECTED
from tests.handlers.carrying.carrier import decided, finish
from tests.handlers.deciding.voter import approve, verdicts
from tests.handlers.killing import KilledError, dies
from tests.handlers.problems import carry_problem
from tests.handlers.stage import OTTO, Stage, script

NO_ANSWER = "Intune did not answer. It may have taken the decision all the same"


async def test_a_decision_is_carried_in_the_person_s_name(stage: Stage) -> None:
    """A decision is carried in the person's name, with our id and all counted people; then the requestor completes."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)
    await approve(stage, CORA, request)

    assert await finish(stage, request, CORA, "checked") == "Intune has been told: approved."

    (said,) = stage.intune.said
    assert (said.verb, said.account) == ("approve", "cora")
    assert said.note == f"Countersign {request.id}: approved by Alex, Cora. checked"
    now = stage.now_of(request)
    assert (now.carry_state, now.intune_status, now.intune_approver) == (CarryState.DONE, IntuneStatus.APPROVED, CORA)
    assert TellPerson(request.id, NotificationKind.APPROVED, "rita") in stage.planned(TellPerson)


async def test_the_answer_of_intune_is_evidence(stage: Stage) -> None:
    """What was sent and what Intune answered are recorded, with the person and their token."""
    request = await decided(stage)

    await finish(stage, request)

    sent, answered = stage.recorded(Kind.SENT_TO_INTUNE, Kind.INTUNE_ANSWERED)
    assert (sent.who, sent.identified) == (answered.who, answered.identified) == ("alex", Identified.BY_TOKEN)
    assert answered.evidence["graph_request"] == "answer-1"


# --- look first ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (APPROVED, "There is nothing left to tell Intune."),
        (REJECTED, "Intune has ended this request"),
        (CANCELLED, "Intune has ended this request"),
    ],
)
async def test_what_intune_shows_by_now_needs_no_call(stage: Stage, status: str, says: str) -> None:
    """If Intune has changed in the meantime, the look before the call shows it, and no call is made."""
    request = await decided(stage)
    stage.intune.move("i1", raw_status=status, approver=Identity("dana", "Dana", is_person=True))

    assert says in await finish(stage, request)

    assert stage.intune.said == []
    assert stage.now_of(request).intune_status == status


async def test_what_has_changed_since_the_decision_is_not_carried(stage: Stage) -> None:
    """A request that changed after its decision is not carried."""
    request = await decided(stage)
    stage.intune.move("i1", payload={"keepUserData": True})

    assert await finish(stage, request) == sentence_of(Disagreement.CHANGED_AFTER_DECISION)
    assert stage.intune.said == []
    assert stage.now_of(request).changed_after_decision


async def test_without_a_look_there_is_no_call(stage: Stage) -> None:
    """If Intune cannot be read first, no call is made or reserved, so the next try is free."""
    request = await decided(stage)
    stage.intune.troubles.refuses["get"] = Unavailable("away")

    assert await finish(stage, request) == NOT_READ

    assert stage.intune.said == []
    assert stage.now_of(request).carry_state is CarryState.WANTED


@pytest.mark.parametrize("error", [Forbidden("no"), TokenRefused("no"), Conflict("no")])
async def test_what_is_refused_to_us_is_not_said_of_the_person(stage: Stage, error: PortError) -> None:
    """A refusal of our own look is not told to the person as a refusal of their approval."""
    request = await decided(stage)
    stage.intune.troubles.refuses["get"] = error

    assert await finish(stage, request) == NOT_READ
    assert stage.now_of(request).carry_state is CarryState.WANTED


async def test_what_intune_does_not_show_is_not_carried(stage: Stage) -> None:
    """A request that Intune does not show is not carried, and the person is told so."""
    request = await decided(stage)
    del stage.intune.rows["i1"]

    assert await finish(stage, request) == "Intune does not show this request at the moment."


# --- reserve once -------------------------------------------------------------------------------------------------


async def test_while_somebody_calls_nobody_else_does(stage: Stage) -> None:
    """While one person calls, nobody else does, and a second click of the same person waits too."""
    request = await decided(stage)
    answers: list[str] = []

    async def others_try() -> None:
        answers.append(await finish(stage, request, DANA))
        answers.append(await finish(stage, request))

    stage.intune.troubles.meanwhile["decide"] = others_try
    await finish(stage, request)

    assert answers == ["Alex is telling Intune right now."] * 2
    assert [said.account for said in stage.intune.said] == ["alex"]


async def test_a_call_that_was_cut_off_may_be_made_again_after_a_minute(stage: Stage) -> None:
    """After a process died in its call, another call is made only after a minute and a look."""
    request = await decided(stage)
    stage.intune.troubles.meanwhile["decide"] = dies
    with pytest.raises(KilledError):
        await finish(stage, request)
    stage.clock.advance(seconds=59)
    assert await finish(stage, request, DANA) == "Alex is telling Intune right now."

    stage.clock.advance(seconds=1)

    assert await finish(stage, request, DANA) == "Intune has been told: approved."
    assert [said.account for said in stage.intune.said] == ["dana"]


async def test_whoever_finishes_a_decision_votes_for_it(stage: Stage) -> None:
    """A person who finishes a decision also votes for it, so that Intune and Countersign name the same person."""
    request = await decided(stage)

    await finish(stage, request, DANA)

    assert set(verdicts(stage.now_of(request))) == {"alex", "dana"}
    assert stage.recorded(Kind.VOTED)[-1].because == Finished()


@pytest.mark.parametrize("who", [RITA, OTTO, CORA], ids=["own", "nobody", "another-group"])
async def test_only_who_may_decide_finishes_a_decision(stage: Stage, who: Person) -> None:
    """Only a person who may decide can finish a decision, because finishing is a vote."""
    request = await decided(stage)
    recorded = len(stage.audit)

    said = await finish(stage, request, who)

    assert said == stage.audit[-1].why
    assert [entry.kind for entry in stage.audit[recorded:]] == [Kind.REFUSED]
    assert stage.intune.said == []


async def test_an_undecided_request_is_not_carried(stage: Stage) -> None:
    """A request that is not decided is not carried, whoever has a token."""
    request = await stage.taken_up()

    assert await finish(stage, request) == "There is nothing left to tell Intune."
    assert stage.intune.said == []


# --- when the answer is lost --------------------------------------------------------------------------------------


async def test_a_lost_answer_is_followed_by_a_look_and_no_second_call(stage: Stage) -> None:
    """After a lost answer a look settles what Intune did, and no second call is made."""
    request = await decided(stage)
    stage.intune.troubles.loses.add("decide")
    assert NO_ANSWER in await finish(stage, request)
    assert stage.now_of(request).carry_state is CarryState.TROUBLED
    assert stage.due_in(AwaitIntune(request.id)) == 5

    await stage.journeys.awaiting.look(request)
    assert stage.now_of(request).carry_state is CarryState.DONE
    assert await finish(stage, request, DANA) == "There is nothing left to tell Intune."

    assert len(stage.intune.said) == 1


async def test_finish_after_a_lost_answer_looks_by_itself(stage: Stage) -> None:
    """Finish after a lost answer looks first, even before the planned look, and makes no second call."""
    request = await decided(stage)
    stage.intune.troubles.loses.add("decide")
    await finish(stage, request)

    assert await finish(stage, request, DANA) == "There is nothing left to tell Intune."

    assert [said.account for said in stage.intune.said] == ["alex"]
    assert stage.now_of(request).intune_status is IntuneStatus.APPROVED


async def test_a_call_that_never_arrived_is_made_again_by_finish(stage: Stage) -> None:
    """If the call never arrived, the look shows that Intune still waits, and Finish makes the call again."""
    request = await decided(stage)
    stage.intune.troubles.refuses["decide"] = Unavailable("away")
    await finish(stage, request)
    stage.intune.troubles.refuses.clear()

    assert await finish(stage, request, DANA) == "Intune has been told: approved."


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Forbidden("no", request_id="a1"), "Intune refused: it does not count this person as an approver."),
        (Conflict("late", request_id="a1"), "The request has changed in Intune in the meantime"),
        (NotFound("gone", request_id="a1"), "Intune does not show this request at the moment."),
        (Throttled("busy", retry_after=9, request_id="a1"), "Intune is too busy right now."),
    ],
    ids=["forbidden", "conflict", "gone", "throttled"],
)
async def test_a_no_of_intune_leaves_the_decision_to_others(stage: Stage, error: PortError, says: str) -> None:
    """If Intune refuses, others can finish: the card says why, the thread gets one line, and the audit the answer."""
    request = await decided(stage)
    stage.intune.troubles.refuses["decide"] = error

    assert (await finish(stage, request)).startswith(says)

    now = stage.now_of(request)
    assert (now.decision, now.carry_state) == (Decision.APPROVED, CarryState.TROUBLED)
    assert carry_problem(now).startswith(says)
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.WAITS_FOR_ONE)]
    answered = stage.recorded(Kind.INTUNE_ANSWERED)[-1]
    assert (answered.after, answered.evidence["graph_request"]) == ("failed", "a1")


async def test_a_sign_in_that_does_not_hold_is_raised_after_it_is_stored(stage: Stage) -> None:
    """A failed sign-in is stored and then raised, so that the caller can react to it."""
    request = await decided(stage)
    stage.intune.troubles.refuses["decide"] = SignInFailed(SignInTrouble.EXPIRED, "too old")

    with pytest.raises(SignInFailed):
        await finish(stage, request)

    assert carry_problem(stage.now_of(request)) == "Your sign-in has expired. Please try again."
