"""Refused clicks: each reason is told, recorded once, and leaves the request unchanged."""

from dataclasses import replace

import pytest

from approvals.audit import Kind
from approvals.disagreement import Disagreement
from approvals.people import Person
from cards.actions import Verb
from cards.disagreements import sentence_of
from handlers.ports.intune import Identity
from tests.approvals.builders import ADMINS, ALEX, CORA, DANA, RITA, person
from tests.fakes.intune import APPROVED, CANCELLED
from tests.fakes.requests import MOST_REFUSALS
from tests.handlers.clicking import click, words
from tests.handlers.deciding.voter import APPROVE, REJECT, approve, confirm, press, refused, reject
from tests.handlers.stage import BOOK, OTTO, WIPES, Stage, script

CLOSED, TOO_LATE = "This request is closed: ", "The deadline has passed"
CHANGED, OWN = "The request has changed since this card was drawn", "This is your own request"
NOT_AN_APPROVER = "Only members of Security-Admins can decide this."
NO_NOTE = "Please say why you reject this."


@pytest.mark.parametrize("verb", [APPROVE, REJECT])
async def test_a_closed_request_takes_no_vote(stage: Stage, verb: Verb) -> None:
    """A request that was decided takes no vote."""
    request = await stage.taken_up()
    await reject(stage, ALEX, request)
    before = stage.now_of(request)

    answer = await confirm(stage, click(DANA, verb, before, note="late"))

    refused(stage, before, CLOSED + "rejected.", answer)


async def test_a_request_that_ended_in_intune_takes_no_vote(stage: Stage) -> None:
    """A request that was cancelled in Intune takes no vote."""
    request = await stage.taken_up()
    await stage.taken_up(raw_status=CANCELLED)
    before = stage.now_of(request)

    answer = await approve(stage, ALEX, before)

    refused(stage, before, CLOSED + "withdrawn.", answer)


async def test_a_request_of_a_status_that_nobody_knows_takes_no_vote(stage: Stage) -> None:
    """A request with an unknown status in Intune takes no vote."""
    before = await stage.taken_up(raw_status="pondered")

    answer = await approve(stage, ALEX, before)

    refused(stage, before, sentence_of(Disagreement.UNKNOWN_STATUS), answer)


async def test_a_vote_at_the_deadline_comes_too_late(stage: Stage) -> None:
    """A vote at the deadline is too late; one second earlier it still counts."""
    request = await stage.taken_up(script())
    stage.clock.time = request.deadline
    before = stage.now_of(request)

    answer = await approve(stage, ALEX, before)
    refused(stage, before, TOO_LATE, answer)

    stage.clock.advance(seconds=-1)
    await approve(stage, ALEX, before)
    assert len(stage.now_of(request).votes) == 1


@pytest.mark.parametrize("fingerprint", ["", "0123456789ab"])
async def test_a_vote_on_other_content_than_the_present_does_not_count(stage: Stage, fingerprint: str) -> None:
    """A vote for other content, or without a fingerprint, does not count."""
    before = await stage.taken_up()

    answer = await approve(stage, ALEX, before, fingerprint=fingerprint)

    refused(stage, before, CHANGED, answer)


@pytest.mark.parametrize("account", ["rita", "rita-admin"])
async def test_nobody_decides_their_own_request(stage: Stage, account: str) -> None:
    """Nobody decides their own request, with any linked account and in any group."""
    before = await stage.taken_up()
    rita = stage.directory.add(replace(RITA, account=account), ADMINS)

    answer = await approve(stage, rita, before)

    refused(stage, before, OWN, answer)


async def test_the_owner_of_an_application_does_not_decide_what_it_filed() -> None:
    """The owner of an application, named in the settings, does not decide what the application filed."""
    stage = Stage(owners={"app": ("alex",)})
    before = await stage.taken_up(requestor=Identity("app", "Deployer", is_person=False))

    answer = await approve(stage, ALEX, before)

    refused(stage, before, OWN, answer)


async def test_whoever_asked_in_chat_does_not_decide_it(stage: Stage) -> None:
    """The person who asked in chat does not decide the request, with any account."""
    rita = stage.directory.add(replace(RITA, account="rita-admin"), ADMINS)
    before = await stage.asked()

    answer = await approve(stage, rita, before)

    refused(stage, before, OWN, answer)


@pytest.mark.parametrize("who", [OTTO, CORA, person("ghost")], ids=["in-no-group", "in-another-group", "unknown"])
async def test_only_an_approver_decides(stage: Stage, who: Person) -> None:
    """Only an approver decides; being able to click is not enough."""
    before = await stage.taken_up()

    answer = await approve(stage, who, before)

    active = who.account in stage.directory.people
    refused(stage, before, NOT_AN_APPROVER if active else "Your account is disabled or a guest", answer)


async def test_a_disabled_account_does_not_decide(stage: Stage) -> None:
    """A disabled account or a guest does not decide, even as a member of the group."""
    stage.directory.inactive.add("alex")
    before = await stage.taken_up()

    answer = await approve(stage, ALEX, before)

    refused(stage, before, "Your account is disabled or a guest", answer)


async def test_whoever_left_the_group_a_moment_ago_does_not_decide(stage: Stage) -> None:
    """A person who has just left the group does not decide, because the directory is read for each click."""
    before = await stage.taken_up()
    stage.directory.groups[ADMINS.id].discard("alex")

    answer = await approve(stage, ALEX, before)

    refused(stage, before, NOT_AN_APPROVER, answer)


@pytest.mark.parametrize("note", ["", "   "])
async def test_a_rejection_needs_a_reason(stage: Stage, note: str) -> None:
    """A rejection needs a reason, and blanks do not count as one."""
    before = await stage.taken_up()

    answer = await reject(stage, ALEX, before, note)

    refused(stage, before, NO_NOTE, answer)


async def test_what_is_switched_off_is_decided_by_nobody_here() -> None:
    """A workflow that is switched off lets nobody decide here, and the answer says so."""
    rules = (replace(BOOK.rules[0], workflow=replace(WIPES, enabled=False)),)
    stage = Stage(replace(BOOK, rules=rules))
    before = await stage.taken_up()

    answer = await approve(stage, ALEX, before)

    refused(stage, before, "Approving here is switched off for Device wipe.", answer)


@pytest.mark.parametrize(
    ("who", "fingerprint", "why"),
    [(RITA, None, OWN), (OTTO, None, NOT_AN_APPROVER), (ALEX, "0123456789ab", CHANGED)],
    ids=["own", "not-an-approver", "changed"],
)
@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.REJECT])
async def test_the_first_step_refuses_as_the_second_does(
    stage: Stage, verb: Verb, who: Person, fingerprint: str | None, why: str
) -> None:
    """The first step of a vote refuses for the same reasons as the second, and records nothing."""
    request = await stage.taken_up()
    recorded = len(stage.audit)

    answer = await press(stage, who, verb, request, **({} if fingerprint is None else {"fingerprint": fingerprint}))

    assert why in words(answer)
    assert (stage.now_of(request), len(stage.audit)) == (request, recorded)


async def test_a_refusal_is_recorded_with_who_and_why(stage: Stage) -> None:
    """A refusal is recorded with the person, the reason and the content that the person saw."""
    request = await stage.taken_up()

    await approve(stage, OTTO, request)

    (entry,) = stage.recorded(Kind.REFUSED)
    assert (entry.who, entry.name, entry.request_id, entry.digest) == ("otto", "Otto", request.id, request.digest)
    assert entry.evidence["reason"] == "not-an-approver"


async def test_a_repeated_refusal_is_answered_alike_and_recorded_once(stage: Stage) -> None:
    """A repeated refusal gets the same answer and is recorded once, even if the rule would now accept the click."""
    request = await stage.taken_up(script())
    clicked = click(OTTO, APPROVE, request)
    first = await confirm(stage, clicked)
    stage.directory.add(OTTO, ADMINS)

    again = await confirm(stage, clicked)

    assert "Only members of Security-Admins or Change-Advisory-Board" in words(first)
    assert "Only members of Security-Admins or Change-Advisory-Board" in words(again)
    assert len(stage.recorded(Kind.REFUSED)) == 1
    assert stage.now_of(request).votes == ()


async def test_refusals_of_one_person_cannot_fill_the_audit(stage: Stage) -> None:
    """Only a limited number of refusals of one person is recorded each minute, then one entry that says so."""
    request = await stage.taken_up()
    for _ in range(MOST_REFUSALS + 5):
        await approve(stage, OTTO, request)

    assert len(stage.recorded(Kind.REFUSED)) == MOST_REFUSALS + 1
    assert "further refusals are not recorded" in stage.audit[-1].why


async def test_an_approval_in_intune_does_not_close_the_vote_here(stage: Stage) -> None:
    """An approval in Intune below the quorum does not stop the voting here."""
    request = await stage.taken_up(script())
    await stage.taken_up(script(), raw_status=APPROVED)

    await approve(stage, ALEX, request)

    assert [vote.voter.account for vote in stage.now_of(request).votes] == ["alex"]
