"""The steps before a vote is cast: nobody decides with one tap, and the stakes are repeated."""

from cards.elements import InputText, Part
from cards.facts import asked, first_look
from cards.sheet import Sheet, header, line
from cards.situation import consequence
from cards.stakes import stakes
from cards.status import Status, Tone
from cards.text import shown
from cards.view import CardStep

NOTE = "note"
"""Id of the note's field; Teams sends it along with the button's data."""

LONGEST_NOTE = 800
"""Maximum characters. Intune keeps 1024 of a note, and ours begins with the names of the counted voters."""

_APPROVING = Status("", "You are about to approve", Tone.CAREFUL)
_REJECTING = Status("", "You are about to reject", Tone.CAREFUL)


def second_step(sheet: Sheet) -> list[Part]:
    """Return the step before approving or rejecting: the request again, then the field for a note."""
    approving = sheet.view.step is CardStep.APPROVE
    return [
        header(sheet, _APPROVING if approving else _REJECTING),
        line(shown(stakes(sheet.request.subject)), weight="Bolder", spacing="Medium"),
        *asked(sheet),
        *first_look(sheet),
        *[line(text, separator=True, spacing="Medium") for text in consequence(sheet)],
        _note_to_approve() if approving else _note_to_reject(),
    ]


def urgent_step(sheet: Sheet) -> list[Part]:
    """Return the step that asks why it cannot wait."""
    return [
        header(sheet, Status("", "You are about to make this urgent", Tone.CAREFUL)),
        line(
            shown("It then has the deadline of urgent requests, and approvers are reminded sooner."), spacing="Medium"
        ),
        InputText(
            id=NOTE,
            label="Why it cannot wait (everybody sees it)",
            is_multiline=True,
            is_required=True,
            error_message="Please say why it cannot wait.",
            max_length=LONGEST_NOTE,
        ),
    ]


def _note_to_approve() -> InputText:
    return InputText(
        id=NOTE,
        label="Note (optional, everybody sees it)",
        placeholder="What you have checked",
        is_multiline=True,
        max_length=LONGEST_NOTE,
    )


def _note_to_reject() -> InputText:
    return InputText(
        id=NOTE,
        label="Why you reject this (everybody sees it)",
        placeholder="What is wrong, or what is missing",
        is_multiline=True,
        is_required=True,
        error_message="Please say why you reject this.",
        max_length=LONGEST_NOTE,
    )
