"""The details step: everything that is reviewed, the device as it is now, and a script's text."""

from cards.elements import Part, RichTextBlock, TextRun
from cards.facts import LABEL, VALUE, reviewed
from cards.sheet import Sheet, heading, line, panel, rows
from cards.status import Tone
from cards.text import breakable, shown, verbatim
from cards.view import Viewer

MOST_FACTS = 40
MOST_DEVICE_FACTS = 16

SCRIPT = 4000
"""Characters of a script; who needs more reads it in Intune."""

_FOR_APPROVERS = "The script's text is shown to approvers only."


def details(sheet: Sheet) -> list[Part]:
    """What a careful approver reads before deciding."""
    return [*reviewed(sheet, MOST_FACTS, "in Intune"), *_device(sheet), *_script(sheet), _identity(sheet)]


def _device(sheet: Sheet) -> list[Part]:
    facts = sheet.view.details[: sheet.count(MOST_DEVICE_FACTS)]
    if not facts:
        return []
    pairs = [(sheet.free_text(label, LABEL), sheet.free_text(value, VALUE)) for label, value in facts]
    return [heading(shown("The device now"), separator=True, spacing="Medium"), *rows(pairs)]


def _script(sheet: Sheet) -> list[Part]:
    if not sheet.view.script:
        hidden = "script" in sheet.request.subject.kind.casefold() and sheet.view.viewer is not Viewer.ELIGIBLE
        return [line(shown(_FOR_APPROVERS), isSubtle=True)] if hidden else []
    script, room = sheet.view.script, sheet.length(SCRIPT)
    parts: list[Part] = [
        heading(shown("Script"), separator=True, spacing="Medium"),
        panel(Tone.QUIET, _code(breakable(verbatim(script[:room])))),
    ]
    if len(script) > room:
        cut = f"These are the first {room} of {len(script)} characters. Read the rest in Intune before you approve."
        parts.append(line(shown(cut), weight="Bolder", spacing="Small"))
    return parts


def _code(text: str) -> Part:
    """In a block that reads no Markdown, so that every character shows as it is."""
    return RichTextBlock(inlines=[TextRun(text=text, fontType="Monospace", size="Small")])


def _identity(sheet: Sheet) -> Part:
    subject = f"Request {sheet.request.id} · reviewed content {sheet.request.digest[:12]}"
    return line(shown(subject), isSubtle=True, size="Small", separator=True, spacing="Medium")
