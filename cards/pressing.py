"""The urgent parts of a card: break-glass, who is looking at it, and who was paged without a decision."""

from approvals.emergency import BreakGlassRecord, Way
from cards import words
from cards.elements import Container, Part
from cards.sheet import Sheet, line, panel, rows
from cards.status import Tone
from cards.text import joined, listed, moment, shown

WHY = 600
DID = 300
PAGED = 300


def broken_glass(sheet: Sheet) -> list[Part]:
    """Return one panel for each use of break-glass: by whom, why, and its effect."""
    parts: list[Part] = []
    for glass in sheet.request.glass:
        drill = "Drill: " if glass.drill or sheet.request.drill else ""
        did = words.what_it_did(sheet.request, glass)
        parts.append(
            panel(
                Tone.CAREFUL if drill else Tone.GRAVE,
                line(sheet.text(f"▲ {drill}{words.invoker(glass)} broke the glass", words.TITLE), weight="Bolder"),
                line(sheet.free_text(f"“{glass.why}”", WHY), spacing="Small"),
                line(sheet.text(did, DID), spacing="Small"),
                *_alone(sheet, glass),
            )
        )
    return parts


def _alone(sheet: Sheet, glass: BreakGlassRecord) -> list[Part]:
    """Return the emergency process's answer, unless it has executed the operation."""
    if glass.alone is None or glass.way is Way.EXECUTED:
        return []
    answer = glass.alone.answer
    said = answer.sentence if answer else "The emergency process was asked, and has not answered yet."
    first = " Look in Intune first whether it is done already." if answer is None or answer.in_doubt else ""
    return [line(sheet.free_text(f"{said}{first}", WHY), weight="Bolder", spacing="Small")]


def waiting(sheet: Sheet) -> list[Part]:
    """Return who is looking at it; in the on-call chat, also when it began to wait and who was paged."""
    request = sheet.request
    if not request.takes_votes:
        return []
    parts: list[Part] = []
    if request.reminders.claim is not None:
        who = shown(f"{request.reminders.claim.by.name} is looking at this until", words.NAME + 40)
        parts.append(line(joined(who, moment(request.reminders.claim.until)), weight="Bolder", spacing="Medium"))
    if sheet.view.on_call and request.reminders.paging is not None:
        told = [(shown("Waiting since"), moment(request.opened_at))]
        paged = listed([person.name for person in request.reminders.paged])
        told.append((shown("Paged"), sheet.text(paged or "nobody yet", PAGED)))
        if request.reminders.climbed:
            times = f"{request.reminders.climbed} time{'' if request.reminders.climbed == 1 else 's'}"
            told.append((shown("Reminded"), shown(f"{times}, and nobody has decided")))
        parts.append(Container(items=rows(told), spacing="Medium"))
    return parts
