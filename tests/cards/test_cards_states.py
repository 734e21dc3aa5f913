"""Every state, drawn for every reader: valid, small, and saying in words where it stands."""

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
    """By the official schema, as Teams validates it."""
    assert defects(draw(sample.request, replace(sample.view, notice="No.", refresh_for=("29:a",)))) == []


@pytest.mark.parametrize("step", CardStep)
@pytest.mark.parametrize("viewer", [Viewer.ELIGIBLE, Viewer.BYSTANDER])
def test_every_step_is_valid(step: CardStep, viewer: Viewer) -> None:
    """By the official schema, also where there is nothing to add."""
    assert defects(draw(HALFWAY, View(viewer, step))) == []


@each_sample
@pytest.mark.parametrize("viewer", Viewer)
def test_every_state_is_well_formed_for_every_reader_at_every_step(sample: Sample, viewer: Viewer) -> None:
    """The size, the buttons and the inputs."""
    for step in CardStep:
        view = replace(sample.view, viewer=viewer, step=step, notice="No.", refresh_for=("29:a",))
        check(draw(sample.request, view))


@each_sample
def test_the_card_says_it_in_words(sample: Sample) -> None:
    """No state is told by colour or sign alone."""
    said = text(draw(sample.request, sample.view))

    assert [phrase for phrase in sample.says if phrase.casefold() not in said.casefold()] == []


@each_sample
def test_a_card_of_something_pending_refreshes_and_no_other_does(sample: Sample) -> None:
    """Teams asks at most sixty people's clients; what is over stays as it is."""
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
    """A refresh would wipe a note that is being written."""
    assert "refresh" not in draw(WAITING, View(Viewer.ELIGIBLE, step, refresh_for=("29:a",)))


@pytest.mark.parametrize("name", FINAL)
@pytest.mark.parametrize("viewer", Viewer)
def test_a_final_card_only_lets_one_look(name: str, viewer: Viewer) -> None:
    """Nothing on it can be pressed by mistake."""
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
    """The base card is usable by all, because nobody's own view is sure to be fetched; the server is the gate."""
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
    """Whoever may vote may take the decision to Intune, an approval and a rejection alike."""
    assert verbs(draw(BY_NAME[name].request, View(viewer))) == expected


def test_nobody_can_finish_while_somebody_is_telling_intune() -> None:
    """Two calls at once are one too many."""
    calling = decided(WIPE_VOTED, Decision.APPROVED, IntuneStatus.NEEDS_APPROVAL, CarryState.CALLING)

    card = draw(calling, View())

    assert verbs(card) == [Verb.DETAILS]
    assert "Dana Diaz is telling Intune." in text(card)


def test_the_one_who_has_to_sign_in_gets_a_link_in_place_of_finish() -> None:
    """In a channel Teams cannot sign anybody in silently."""
    sample = BY_NAME["sign-in"]

    card = draw(sample.request, sample.view)

    assert verbs(card) == [Verb.DETAILS]
    assert links(card)["Sign in"] == sample.view.sign_in_url


def test_where_decisions_are_only_tracked_the_card_leads_to_intune() -> None:
    """Counted here, decided there."""
    assert "Approve in Intune" in links(draw(BY_NAME["tracked"].request, look()))


def test_only_the_requestor_is_sent_to_complete_it() -> None:
    """Intune lets nobody else."""
    approved = BY_NAME["approved-not-completed"].request

    assert "Complete in Intune" in links(draw(approved, look(Viewer.REQUESTOR)))
    assert "Complete in Intune" not in links(draw(approved, look()))


@pytest.mark.parametrize("viewer", [Viewer.EVERYONE, Viewer.ELIGIBLE, Viewer.VOTED])
def test_an_approval_below_quorum_can_be_withdrawn_first_of_all(viewer: Viewer) -> None:
    """The most urgent button comes first."""
    assert verbs(draw(IN_PORTAL, View(viewer)))[0] == Verb.CANCEL_APPROVAL


@pytest.mark.parametrize("viewer", [Viewer.REQUESTOR, Viewer.BYSTANDER])
def test_others_cannot_withdraw_an_approval_in_intune(viewer: Viewer) -> None:
    """It takes an approver."""
    assert Verb.CANCEL_APPROVAL not in verbs(draw(IN_PORTAL, View(viewer)))


def test_a_vote_cast_in_intune_is_not_withdrawn_here() -> None:
    """The rules would refuse it, so it is not offered."""
    view = View(Viewer.VOTED, own_vote=IN_PORTAL.votes[0])

    assert Verb.WITHDRAW not in verbs(draw(IN_PORTAL, view))


@pytest.mark.parametrize("name", ["switched-off", "nobody-may-decide"])
@pytest.mark.parametrize("viewer", Viewer)
def test_what_nobody_may_decide_offers_no_vote(name: str, viewer: Viewer) -> None:
    """The card says why and where to go."""
    card = draw(BY_NAME[name].request, look(viewer))

    assert not {Verb.APPROVE, Verb.REJECT} & set(verbs(card))
    assert "Decide in Intune" in links(card)


def test_a_quorum_of_several_on_an_unknown_requestor_can_only_be_rejected() -> None:
    """Nobody can be excluded by name, so nobody can be counted."""
    assert verbs(draw(replace(ASSIGNMENT, requestor=None), View())) == [Verb.REJECT, Verb.DETAILS]


def test_a_quorum_of_one_on_an_unknown_requestor_asks_for_a_sign_in() -> None:
    """Intune itself refuses a requestor."""
    card = draw(replace(WAITING, requestor=None), View())

    assert Verb.APPROVE in verbs(card)
    assert "Please sign in, so that Intune can check that it was not you." in text(card)


def test_an_unknown_status_is_an_alarm_that_nobody_decides_here() -> None:
    """Fail closed, and say so."""
    card = draw(replace(WAITING, intune_status=IntuneStatus.UNKNOWN), View())

    assert "Alarm: unknown status in Intune" in text(card)
    assert verbs(card) == [Verb.DETAILS]


def test_what_changed_after_the_decision_is_not_carried() -> None:
    """An alarm in place of Finish."""
    pending = BY_NAME["decision-pending"].request
    changed = replace(pending, subject=replace(pending.subject, target="PC-2"))

    card = draw(changed, View())

    assert "Alarm: changed after the decision" in text(card)
    assert Verb.FINISH not in verbs(card)


def test_the_second_step_says_everything_again_and_asks_for_a_note() -> None:
    """Nobody wipes by one tap."""
    card = draw(WAITING, View(Viewer.ELIGIBLE, CardStep.APPROVE))
    (note,) = every(card, "Input.Text")

    assert verbs(card) == [Verb.CONFIRM_APPROVE, Verb.BACK]
    assert note["id"] == "note"
    assert note["maxLength"] == 800
    assert not note.get("isRequired")
    for said in ("Wipe PC-1", "factory settings", "SN-1001", "Rita Rossi", "more are needed"):
        assert said in text(card)


def test_who_rejects_has_to_say_why_but_can_go_back_without() -> None:
    """A required field must not lock the reader in."""
    card = draw(WAITING, View(Viewer.ELIGIBLE, CardStep.REJECT))
    (note,) = every(card, "Input.Text")
    back = card["actions"][-1]

    assert note["isRequired"]
    assert note["errorMessage"]
    assert (back["verb"], back["associatedInputs"]) == (Verb.BACK, "none")


def test_everybody_sees_who_voted_for_whom_when_and_why() -> None:
    """The card is the record that people look at."""
    said = text(draw(HALFWAY, View()))

    assert "✓ Alex Adler approved\n“Ran in the pilot ring since Friday, no complaints.”" in said
    assert "Security-Admins · {{DATE(2026-11-23T09:26:00Z,SHORT)}} {{TIME(2026-11-23T09:26:00Z)}}" in said


def test_times_are_shown_in_the_readers_own_zone() -> None:
    """Both deadlines, ours and Intune's."""
    said = text(draw(WAITING, View())).splitlines()

    assert said[said.index("Decide by") + 1] == "{{DATE(2026-11-24T09:19:00Z,SHORT)}} {{TIME(2026-11-24T09:19:00Z)}}"
    assert said[said.index("Intune closes") + 1].startswith("{{DATE(2026-11-26T09:18:00Z,SHORT)}}")


def test_one_deadline_is_said_once() -> None:
    """Where Intune ends it first, there is no other."""
    alone = replace(WAITING, deadline=WAITING.intune_expires_at)

    assert "Intune closes" not in text(draw(alone, View()))


def test_more_facts_than_a_reader_takes_in_are_under_details() -> None:
    """And the card says that there are more."""
    many = replace(WAITING, subject=replace(DEFENDER, facts=(Setting("limit", "41"),) * 20, reaches=()))

    assert "14 more lines under Details." in text(draw(many, View()))
    assert text(draw(many, View(step=CardStep.DETAILS))).count("41") == 20


def test_a_script_is_shown_to_approvers_letter_by_letter() -> None:
    """With its indentation, in a block that reads no Markdown."""
    sample = BY_NAME["details"]

    (run,) = every(draw(sample.request, sample.view), "TextRun")

    assert run["fontType"] == "Monospace"
    assert "\n\u00a0\u00a0\u00a0\u00a0Update-MpSignature\n" in run["text"]


def test_others_are_told_that_the_script_is_for_approvers() -> None:
    """No text, but no riddle either."""
    card = draw(ASSIGNMENT, View(Viewer.BYSTANDER, CardStep.DETAILS))

    assert list(every(card, "TextRun")) == []
    assert "shown to approvers only" in text(card)


def test_a_long_script_is_cut_with_a_sentence() -> None:
    """Nobody approves the end of a script that they have not seen without being told so."""
    card = draw(ASSIGNMENT, View(Viewer.ELIGIBLE, CardStep.DETAILS, script="x = 1\n" * 5000))

    check(card)
    assert "of 30000 characters. Read the rest in Intune before you approve." in text(card)


@pytest.mark.parametrize("execution", Execution)
def test_every_execution_of_something_completed_is_drawn(execution: Execution) -> None:
    """What the rules may say one day does not break a card."""
    completed = BY_NAME["completed"].request

    check(draw(replace(completed, execution=execution), View()))


@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("status", [None, *IntuneStatus])
def test_every_pair_of_our_word_and_intunes_is_drawn(decision: Decision, status: IntuneStatus | None) -> None:
    """Also those that should never meet."""
    pair = decided(WAITING, decision, status, CarryState.NONE)

    check(draw(pair, View()))


def test_an_initiator_is_shown_as_the_one_who_asks() -> None:
    """What the bot filed was asked for by a human."""
    otto = Person("otto", "Otto Okafor")

    assert "Otto Okafor" in text(draw(replace(WAITING, requestor=None, initiator=otto), View()))


def test_many_voters_are_counted_where_they_cannot_be_listed() -> None:
    """Nothing disappears in silence."""
    crowd = request(subject=SUBJECT)
    for number in range(20):
        who = Person(f"p{number}", f"Person {number}")
        crowd = crowd.with_vote(replace(HALFWAY.votes[0], voter=who))

    assert "And 8 more." in text(draw(crowd, View()))


def test_people_to_refresh_give_way_before_anything_that_is_said() -> None:
    """Ids can be long; who is left out still has the menu."""
    ids = tuple(f"29:{'m' * 150}{number}" for number in range(60))

    card = stamped(draw(HALFWAY, View(refresh_for=ids)), "a" * 32)

    assert weight(card) < MOST_BYTES
    kept = card["refresh"]["userIds"]
    assert 20 < len(kept) < 60
    assert kept == list(ids[: len(kept)])
    assert text(card) == text(draw(HALFWAY, View()))
