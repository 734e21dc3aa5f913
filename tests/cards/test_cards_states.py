"""Every state, drawn for every reader: the card is valid and small, and says in words where the request is."""

from dataclasses import replace

import pytest

from approvals.people import Person
from approvals.request import CarryState, Decision, Execution, IntuneStatus
from approvals.subject import Setting
from cards.actions import Verb, fingerprint_of, stamped
from cards.request_card import MOST_BYTES, draw, weight
from cards.rules import is_pending
from cards.view import CardStep, View, Viewer
from tests.approvals.builders import SUBJECT, request
from tests.cards.reading import check, defects, every, links, text, verbs
from tests.samples.gallery import (
    ASSIGNMENT,
    DEFENDER,
    HALFWAY,
    IN_PORTAL,
    PORTAL,
    SAMPLES,
    WAITING,
    WIPE_VOTED,
    Sample,
    decided,
    look,
)

BY_NAME = {sample.name: sample for sample in SAMPLES}
FINAL = ("completed", "rejected", "withdrawn")

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


@each_sample
def test_every_state_is_valid(sample: Sample) -> None:
    """Every state is valid by the official schema, as Teams checks it."""
    assert defects(draw(sample.request, replace(sample.view, notice="No.", refresh_for=("29:a",)))) == []


@pytest.mark.parametrize("step", CardStep)
@pytest.mark.parametrize("viewer", [Viewer.ELIGIBLE, Viewer.BYSTANDER])
def test_every_step_is_valid(step: CardStep, viewer: Viewer) -> None:
    """Every step is valid by the official schema, even where it has nothing to add."""
    assert defects(draw(HALFWAY, View(viewer, step))) == []


@each_sample
@pytest.mark.parametrize("viewer", Viewer)
def test_every_state_is_well_formed_for_every_reader_at_every_step(sample: Sample, viewer: Viewer) -> None:
    """Every card has a correct size, correct buttons and correct inputs."""
    for step in CardStep:
        view = replace(sample.view, viewer=viewer, step=step, notice="No.", refresh_for=("29:a",))
        check(draw(sample.request, view))


@each_sample
def test_the_card_says_it_in_words(sample: Sample) -> None:
    """Every state is described in words, and not by colour or sign alone."""
    said = text(draw(sample.request, sample.view))

    assert [phrase for phrase in sample.says if phrase.casefold() not in said.casefold()] == []


@each_sample
def test_a_card_of_something_pending_refreshes_and_no_other_does(sample: Sample) -> None:
    """Only the card of a pending request refreshes, and for at most sixty people, which is the limit of Teams."""
    card = draw(sample.request, View(refresh_for=tuple(f"29:{number}" for number in range(70))))

    if not is_pending(sample.request):
        assert "refresh" not in card
        return
    assert card["refresh"]["userIds"] == [f"29:{number}" for number in range(60)]
    assert card["refresh"]["action"]["verb"] == Verb.REFRESH
    assert card["refresh"]["action"]["data"] == {
        "request": sample.request.id,
        "fingerprint": fingerprint_of(sample.request),
    }


@pytest.mark.parametrize("step", [CardStep.APPROVE, CardStep.REJECT, CardStep.DETAILS])
def test_no_step_refreshes(step: CardStep) -> None:
    """No other step than the first refreshes, because a refresh would delete a note that is being written."""
    assert "refresh" not in draw(WAITING, View(Viewer.ELIGIBLE, step, refresh_for=("29:a",)))


@pytest.mark.parametrize("name", FINAL)
@pytest.mark.parametrize("viewer", Viewer)
def test_a_final_card_only_lets_one_look(name: str, viewer: Viewer) -> None:
    """A final card offers only Details and a link, so that nothing can be pressed by mistake."""
    card = draw(BY_NAME[name].request, look(viewer))

    assert verbs(card) == [Verb.DETAILS]
    assert links(card) == {"Open in Intune": PORTAL}


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        (Viewer.EVERYONE, [Verb.APPROVE, Verb.REJECT, Verb.DETAILS]),
        (Viewer.ELIGIBLE, [Verb.APPROVE, Verb.REJECT, Verb.CLAIM, Verb.DETAILS]),
        (Viewer.VOTED, [Verb.WITHDRAW, Verb.DETAILS]),
        (Viewer.REQUESTOR, [Verb.DETAILS]),
        (Viewer.BYSTANDER, [Verb.DETAILS]),
    ],
)
def test_who_can_press_what_while_it_waits(viewer: Viewer, expected: list[Verb]) -> None:
    """The common card offers all buttons, because personal views may not be fetched; the server checks each click."""
    assert verbs(draw(WAITING, View(viewer))) == expected


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [
        (Viewer.EVERYONE, [Verb.FINISH, Verb.DETAILS]),
        (Viewer.ELIGIBLE, [Verb.FINISH, Verb.DETAILS]),
        (Viewer.VOTED, [Verb.FINISH, Verb.DETAILS]),
        (Viewer.REQUESTOR, [Verb.DETAILS]),
        (Viewer.BYSTANDER, [Verb.DETAILS]),
    ],
)
@pytest.mark.parametrize("name", ["decision-pending", "rejected-open-in-intune"])
def test_who_can_finish(name: str, viewer: Viewer, expected: list[Verb]) -> None:
    """Everybody who may vote can carry an approval or a rejection to Intune."""
    assert verbs(draw(BY_NAME[name].request, View(viewer))) == expected


def test_nobody_can_finish_while_somebody_is_telling_intune() -> None:
    """Nobody can finish while another person is carrying the decision, because only one call may be made."""
    calling = decided(WIPE_VOTED, Decision.APPROVED, IntuneStatus.NEEDS_APPROVAL, CarryState.CALLING)

    card = draw(calling, View())

    assert verbs(card) == [Verb.DETAILS]
    assert "Dana Diaz is telling Intune." in text(card)


def test_the_one_who_has_to_sign_in_gets_a_link_in_place_of_finish() -> None:
    """The person who has to sign in gets a link instead of Finish: Teams has no silent sign-in in channels."""
    sample = BY_NAME["sign-in"]

    card = draw(sample.request, sample.view)

    assert verbs(card) == [Verb.DETAILS]
    assert links(card)["Sign in"] == sample.view.sign_in_url


def test_where_decisions_are_only_tracked_the_card_leads_to_intune() -> None:
    """Where decisions are only tracked, the card links to Intune for approval."""
    assert "Approve in Intune" in links(draw(BY_NAME["tracked"].request, look()))


def test_only_the_requestor_is_sent_to_complete_it() -> None:
    """Only the requestor is told to complete in Intune, because Intune lets nobody else."""
    approved = BY_NAME["approved-not-completed"].request

    assert "Complete in Intune" in links(draw(approved, look(Viewer.REQUESTOR)))
    assert "Complete in Intune" not in links(draw(approved, look()))


@pytest.mark.parametrize("viewer", [Viewer.EVERYONE, Viewer.ELIGIBLE, Viewer.VOTED])
def test_an_approval_below_quorum_can_be_withdrawn_first_of_all(viewer: Viewer) -> None:
    """The button to withdraw an approval below the quorum comes first, because it is the most urgent."""
    assert verbs(draw(IN_PORTAL, View(viewer)))[0] == Verb.CANCEL_APPROVAL


@pytest.mark.parametrize("viewer", [Viewer.REQUESTOR, Viewer.BYSTANDER])
def test_others_cannot_withdraw_an_approval_in_intune(viewer: Viewer) -> None:
    """Only an approver is offered to withdraw an approval in Intune."""
    assert Verb.CANCEL_APPROVAL not in verbs(draw(IN_PORTAL, View(viewer)))


def test_a_vote_cast_in_intune_is_not_withdrawn_here() -> None:
    """A vote that was cast in Intune cannot be withdrawn on the card, because the rules would refuse it."""
    view = View(Viewer.VOTED, own_vote=IN_PORTAL.votes[0])

    assert Verb.WITHDRAW not in verbs(draw(IN_PORTAL, view))


@pytest.mark.parametrize("name", ["switched-off", "nobody-may-decide"])
@pytest.mark.parametrize("viewer", Viewer)
def test_what_nobody_may_decide_offers_no_vote(name: str, viewer: Viewer) -> None:
    """A request that nobody may decide here offers no vote, and links to Intune."""
    card = draw(BY_NAME[name].request, look(viewer))

    assert not {Verb.APPROVE, Verb.REJECT} & set(verbs(card))
    assert "Decide in Intune" in links(card)


def test_a_quorum_of_several_on_an_unknown_requestor_can_only_be_rejected() -> None:
    """If the requestor is unknown and several approvals are needed, the request can only be rejected."""
    assert verbs(draw(replace(ASSIGNMENT, requestor=None), View())) == [Verb.REJECT, Verb.DETAILS]


def test_a_quorum_of_one_on_an_unknown_requestor_asks_for_a_sign_in() -> None:
    """If the requestor is unknown and one approval is needed, the card asks for a sign-in, so that Intune can check."""
    card = draw(replace(WAITING, requestor=None), View())

    assert Verb.APPROVE in verbs(card)
    assert "Please sign in, so that Intune can check that it was not you." in text(card)


def test_an_unknown_status_is_an_alarm_that_nobody_decides_here() -> None:
    """An unknown status in Intune is shown as an alarm, and offers no vote."""
    card = draw(replace(WAITING, intune_status=IntuneStatus.UNKNOWN), View())

    assert "Alarm: unknown status in Intune" in text(card)
    assert verbs(card) == [Verb.DETAILS]


def test_what_changed_after_the_decision_is_not_carried() -> None:
    """A request that changed after its decision shows an alarm instead of Finish."""
    pending = BY_NAME["decision-pending"].request
    changed = replace(pending, subject=replace(pending.subject, target="PC-2"))

    card = draw(changed, View())

    assert "Alarm: changed after the decision" in text(card)
    assert Verb.FINISH not in verbs(card)


def test_the_second_step_says_everything_again_and_asks_for_a_note() -> None:
    """The second step of an approval repeats everything and offers a note, so that one tap decides nothing."""
    card = draw(WAITING, View(Viewer.ELIGIBLE, CardStep.APPROVE))
    (note,) = every(card, "Input.Text")

    assert verbs(card) == [Verb.CONFIRM_APPROVE, Verb.BACK]
    assert note["id"] == "note"
    assert note["maxLength"] == 800
    assert not note.get("isRequired")
    for said in ("Wipe PC-1", "factory settings", "SN-1001", "Rita Rossi", "more are needed"):
        assert said in text(card)


def test_who_rejects_has_to_say_why_but_can_go_back_without() -> None:
    """A rejection needs a reason, but the reader can go back without one."""
    card = draw(WAITING, View(Viewer.ELIGIBLE, CardStep.REJECT))
    (note,) = every(card, "Input.Text")
    back = card["actions"][-1]

    assert note["isRequired"]
    assert note["errorMessage"]
    assert (back["verb"], back["associatedInputs"]) == (Verb.BACK, "none")


def test_everybody_sees_who_voted_for_whom_when_and_why() -> None:
    """The card shows who voted, when, for which group, and why."""
    said = text(draw(HALFWAY, View()))

    assert "✓ Alex Adler approved\n“Ran in the pilot ring since Friday, no complaints.”" in said
    assert "Security-Admins · {{DATE(2026-11-23T09:26:00Z,SHORT)}} {{TIME(2026-11-23T09:26:00Z)}}" in said


def test_times_are_shown_in_the_readers_own_zone() -> None:
    """Both deadlines, ours and Intune's, are shown in the reader's time zone."""
    said = text(draw(WAITING, View())).splitlines()

    assert said[said.index("Decide by") + 1] == "{{DATE(2026-11-24T09:19:00Z,SHORT)}} {{TIME(2026-11-24T09:19:00Z)}}"
    assert said[said.index("Intune closes") + 1].startswith("{{DATE(2026-11-26T09:18:00Z,SHORT)}}")


def test_one_deadline_is_said_once() -> None:
    """If Intune ends the request at our deadline, only one deadline is shown."""
    alone = replace(WAITING, deadline=WAITING.intune_expires_at)

    assert "Intune closes" not in text(draw(alone, View()))


def test_more_facts_than_a_reader_takes_in_are_under_details() -> None:
    """The card shows some facts, says how many more there are, and has all of them under Details."""
    many = replace(WAITING, subject=replace(DEFENDER, facts=(Setting("limit", "41"),) * 20, reaches=()))

    assert "14 more lines under Details." in text(draw(many, View()))
    assert text(draw(many, View(step=CardStep.DETAILS))).count("41") == 20


def test_a_script_is_shown_to_approvers_letter_by_letter() -> None:
    """A script is shown to approvers unchanged, with its indentation, in a block without Markdown."""
    sample = BY_NAME["details"]

    (run,) = every(draw(sample.request, sample.view), "TextRun")

    assert run["fontType"] == "Monospace"
    assert "\n\u00a0\u00a0\u00a0\u00a0Update-MpSignature\n" in run["text"]


def test_others_are_told_that_the_script_is_for_approvers() -> None:
    """Other readers are told that the script is for approvers, and see no text of it."""
    card = draw(ASSIGNMENT, View(Viewer.BYSTANDER, CardStep.DETAILS))

    assert list(every(card, "TextRun")) == []
    assert "shown to approvers only" in text(card)


def test_a_long_script_is_cut_with_a_sentence() -> None:
    """A long script is cut, and the card says so, so that nobody approves its end unread."""
    card = draw(ASSIGNMENT, View(Viewer.ELIGIBLE, CardStep.DETAILS, script="x = 1\n" * 5000))

    check(card)
    assert "of 30000 characters. Read the rest in Intune before you approve." in text(card)


@pytest.mark.parametrize("execution", Execution)
def test_every_execution_of_something_completed_is_drawn(execution: Execution) -> None:
    """Every execution of a completed request can be drawn."""
    completed = BY_NAME["completed"].request

    check(draw(replace(completed, execution=execution), View()))


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("status", [None, *IntuneStatus])
def test_every_pair_of_our_word_and_intunes_is_drawn(decision: Decision, status: IntuneStatus | None) -> None:
    """Every pair of a decision and a status can be drawn, even pairs that should never occur together."""
    pair = decided(WAITING, decision, status, CarryState.NONE)

    check(draw(pair, View()))


def test_an_initiator_is_shown_as_the_one_who_asks() -> None:
    """The initiator is shown as the person who asked."""
    otto = Person("otto", "Otto Okafor")

    assert "Otto Okafor" in text(draw(replace(WAITING, requestor=None, initiator=otto), View()))


def test_many_voters_are_counted_where_they_cannot_be_listed() -> None:
    """If there are too many voters to list, the card says how many more there are."""
    crowd = request(subject=SUBJECT)
    for number in range(20):
        who = Person(f"p{number}", f"Person {number}")
        crowd = crowd.with_vote(replace(HALFWAY.votes[0], voter=who))

    assert "And 8 more." in text(draw(crowd, View()))


def test_people_to_refresh_give_way_before_anything_that_is_said() -> None:
    """If the ids of people to refresh are too long, some are left out, and no text is."""
    ids = tuple(f"29:{'m' * 150}{number}" for number in range(60))

    card = stamped(draw(HALFWAY, View(refresh_for=ids)), "a" * 32)

    assert weight(card) < MOST_BYTES
    kept = card["refresh"]["userIds"]
    assert 20 < len(kept) < 60
    assert kept == list(ids[: len(kept)])
    assert text(card) == text(draw(HALFWAY, View()))
