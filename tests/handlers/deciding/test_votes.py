"""A vote is stored before anything else happens, counts once, and is decided on the present state."""

from dataclasses import replace

from approvals.audit import Kind
from approvals.effects import AwaitIntune, MailPerson, NotificationKind, RefreshCards, Reply, TellPerson
from approvals.request import CarryState, Decision, DecisionsMode, Verdict
from handlers.ports.errors import SignInFailed, SignInTrouble
from tests.approvals.builders import ADMINS, ALEX, CAB, CORA, DANA
from tests.fakes.intune import REJECTED
from tests.handlers.clicking import signed_in, words
from tests.handlers.deciding.voter import approve, reject, verdicts
from tests.handlers.stage import Stage, script


async def test_a_vote_below_the_quorum_waits_for_one_more(stage: Stage) -> None:
    """A vote below the quorum is told in the thread and on the cards, and not to Intune."""
    request = await stage.taken_up(script())

    answer = await approve(stage, ALEX, request, **signed_in(ALEX))

    now = stage.now_of(request)
    assert (now.decision, verdicts(now)) == (Decision.OPEN, {"alex": Verdict.APPROVE})
    assert "1 of 2" in words(answer)
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.WAITS_FOR_ONE)]
    assert RefreshCards(request.id) in stage.planned(RefreshCards)
    assert stage.intune.said == []


async def test_two_people_of_one_group_do_not_reach_a_quorum_of_each(stage: Stage) -> None:
    """Two people of one group do not reach a quorum that needs one person of each group."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)
    await approve(stage, DANA, request)
    assert stage.now_of(request).decision is Decision.OPEN

    await approve(stage, CORA, request)
    assert stage.now_of(request).decision is Decision.APPROVED


async def test_the_deciding_vote_is_stored_before_it_is_carried(stage: Stage) -> None:
    """The deciding vote is stored before it is carried, so everybody sees the decision and who carries it."""
    request = await stage.taken_up()
    found: list[tuple[Decision, bool]] = []

    async def look() -> None:
        now = stage.now_of(request)
        found.append((now.decision, AwaitIntune(request.id) in stage.planned(AwaitIntune)))

    stage.sign_in.troubles.meanwhile["on_behalf_of"] = look
    stage.intune.troubles.meanwhile["decide"] = look
    await approve(stage, ALEX, request, **signed_in(ALEX))

    assert found == [(Decision.APPROVED, True), (Decision.APPROVED, True)]
    assert [(said.verb, said.account) for said in stage.intune.said] == [("approve", "alex")]
    assert stage.now_of(request).carry_state is CarryState.DONE


async def test_the_decision_stands_where_no_token_is_to_be_had(stage: Stage) -> None:
    """Without a token the decision still stands; anybody may finish it, and the thread says so once."""
    request = await stage.taken_up()
    stage.sign_in.troubles.refuses["on_behalf_of"] = SignInFailed(SignInTrouble.BLOCKED, "not from here")

    answer = await approve(stage, ALEX, request, **signed_in(ALEX))

    now = stage.now_of(request)
    assert (now.decision, now.carry_state) == (Decision.APPROVED, CarryState.TROUBLED)
    assert "Conditional Access does not let you sign in from here" in words(answer)
    assert stage.planned(Reply) == [Reply(request.id, NotificationKind.WAITS_FOR_ONE)]


async def test_a_rejection_decides_at_once(stage: Stage) -> None:
    """A rejection decides at once: the requestor is told in private and by mail, and Intune in the voter's name."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)

    await reject(stage, CORA, request, "Too broad", **signed_in(CORA))

    now = stage.now_of(request)
    assert (now.decision, stage.intune.rows["i2"].raw_status) == (Decision.REJECTED, REJECTED)
    assert [(said.verb, said.account) for said in stage.intune.said] == [("reject", "cora")]
    assert stage.intune.said[0].note == f"Countersign {request.id}: rejected by Cora. Too broad"
    assert TellPerson(request.id, NotificationKind.REJECTED, "rita") in stage.planned(TellPerson)
    assert MailPerson(request.id, NotificationKind.REJECTED, "rita") in stage.planned(MailPerson)


async def test_where_decisions_are_only_tracked_nobody_signs_in() -> None:
    """Where decisions are only tracked, a decision needs no sign-in and is not carried."""
    stage = Stage(decisions=DecisionsMode.TRACK, sign_in=None)
    request = await stage.taken_up()

    answer = await approve(stage, ALEX, request)

    now = stage.now_of(request)
    assert (now.decision, now.carry_state) == (Decision.APPROVED, CarryState.NONE)
    assert "Sign in" not in words(answer)


async def test_somebody_changes_their_mind(stage: Stage) -> None:
    """A later verdict of the same person replaces the earlier one."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)

    await reject(stage, ALEX, request, "I read it again")

    now = stage.now_of(request)
    assert (now.decision, verdicts(now)) == (Decision.REJECTED, {"alex": Verdict.REJECT})
    assert stage.recorded(Kind.VOTED)[-1].before == Verdict.APPROVE


async def test_one_human_fills_one_seat_with_all_their_accounts(stage: Stage) -> None:
    """A person fills only one seat, whatever groups their linked accounts are in."""
    admin = stage.directory.add(replace(ALEX, account="alex-admin", accounts=frozenset({"alex", "alex-admin"})), CAB)
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)

    await approve(stage, admin, request)

    assert stage.now_of(request).decision is Decision.OPEN
    assert list(verdicts(stage.now_of(request))) == ["alex"]


async def test_a_vote_of_who_has_left_the_group_falls_before_it_counts(stage: Stage) -> None:
    """The vote of a person who left the group falls before the next vote is counted, and the person is told."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)
    stage.directory.groups[ADMINS.id].discard("alex")

    await approve(stage, CORA, request)

    now = stage.now_of(request)
    assert (now.decision, list(verdicts(now))) == (Decision.OPEN, ["cora"])
    assert TellPerson(request.id, NotificationKind.VOTE_FELL, "alex") in stage.planned(TellPerson)
    assert [entry.who for entry in stage.recorded(Kind.VOTE_FELL)] == ["alex"]


async def test_a_vote_of_who_was_disabled_falls_before_it_counts(stage: Stage) -> None:
    """The vote of a disabled account falls before the next vote is counted."""
    request = await stage.taken_up(script())
    await approve(stage, ALEX, request)
    stage.directory.inactive.add("alex")

    await approve(stage, CORA, request)

    assert list(verdicts(stage.now_of(request))) == ["cora"]
