"""The body of a card, from top to bottom: status, next step, stakes, progress."""

from typing import assert_never

from approvals.disagreement import disagreement
from cards.details import details
from cards.elements import Part
from cards.facts import asked, first_look
from cards.pressing import broken_glass, waiting
from cards.progress import progress
from cards.sheet import Sheet, header, line, notice
from cards.situation import outlook, personal
from cards.stakes import stakes
from cards.status import status_of
from cards.steps import second_step, urgent_step
from cards.text import shown
from cards.view import CardStep
from cards.votes import votes


def body(sheet: Sheet) -> list[Part]:
    """Return everything above the buttons."""
    match sheet.view.step:
        case CardStep.REQUEST:
            return [*notice(sheet), *_request(sheet)]
        case CardStep.DETAILS:
            return [*notice(sheet), header(sheet, status_of(sheet.request)), *details(sheet)]
        case CardStep.APPROVE | CardStep.REJECT:
            return [*notice(sheet), *second_step(sheet)]
        case CardStep.URGENT:
            return [*notice(sheet), *urgent_step(sheet)]
        case _:
            assert_never(sheet.view.step)


def _request(sheet: Sheet) -> list[Part]:
    return [
        header(sheet, status_of(sheet.request)),
        *broken_glass(sheet),
        *_outlook(sheet),
        *waiting(sheet),
        *progress(sheet),
        *[line(text, spacing="Medium", weight="Bolder") for text in personal(sheet)],
        *_stakes(sheet),
        *asked(sheet),
        *first_look(sheet),
        *votes(sheet),
    ]


def _outlook(sheet: Sheet) -> list[Part]:
    wrong = disagreement(sheet.request)
    weight = "Bolder" if wrong is not None and wrong.dangerous else "Default"
    return [line(text, spacing="Medium", weight=weight) for text in outlook(sheet)]


def _stakes(sheet: Sheet) -> list[Part]:
    """Return what will be lost, while it can still be prevented."""
    if not sheet.request.takes_votes:
        return []
    return [line(shown(stakes(sheet.request.subject)), spacing="Medium")]
