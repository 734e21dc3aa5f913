"""The details step: everything under review, the device as it is now, and a script's text."""

from approvals.subject import Script
from cards.buttons import page_buttons
from cards.elements import ActionSet, Part, RichTextBlock, TextRun
from cards.facts import LABEL, VALUE, everything
from cards.reviewing import SCRIPTS
from cards.sheet import Sheet, heading, line, panel, rows
from cards.status import Tone
from cards.text import breakable, brief_moment, joined, shown, verbatim
from cards.view import ListedDevice, Viewer

MOST_FACTS = 40
MOST_DEVICE_FACTS = 16

OWNERS = {"company": "Company", "personal": "Personal", "unknown": "Owner unknown"}
"""Intune's values for a device's owner, worded as in its portal."""

SCRIPT = 4000
"""Maximum characters shown of a script; the rest can be read in Intune."""

_FOR_APPROVERS = "The script's text is shown to approvers only."


def details(sheet: Sheet) -> list[Part]:
    """Return everything that a careful approver reads before deciding."""
    return [
        *everything(sheet, MOST_FACTS),
        *_devices(sheet),
        *_device(sheet),
        *_script(sheet),
        *_raw(sheet),
        _identity(sheet),
    ]


def _devices(sheet: Sheet) -> list[Part]:
    """Return one page of a bulk request's devices."""
    page = sheet.view.devices
    if page is None:
        return []
    last = page.first + len(page.devices) - 1
    title = f"Devices {page.first} to {last} of {sheet.request.subject.device_count}, by name"
    parts: list[Part] = [heading(shown(title), separator=True, spacing="Medium")]
    way = page_buttons(sheet)
    turning = [ActionSet(actions=way, spacing="Medium")] if way else []
    return [*parts, *(part for one in page.devices for part in _listed(sheet, one)), *turning]


def _listed(sheet: Sheet, one: ListedDevice) -> list[Part]:
    owner = OWNERS.get(one.owner, one.owner or "Owner unknown")
    told = [shown(one.serial, LABEL), shown(owner, LABEL), sheet.free_text(one.user or "nobody's", LABEL)]
    contact = brief_moment(one.contact_at) if one.contact_at else shown("never, or not known")
    seen = joined(*filter(None, told), joined(shown("last contact"), contact), by=" · ")
    known = seen if one.known else shown("Intune does not show it now")
    return [
        line(sheet.text(one.name or "Without a name", LABEL), weight="Bolder", spacing="Small"),
        line(known, isSubtle=True, size="Small", spacing="None"),
    ]


def _device(sheet: Sheet) -> list[Part]:
    facts = sheet.view.details[: sheet.count(MOST_DEVICE_FACTS)]
    if not facts:
        return []
    pairs = [(sheet.free_text(label, LABEL), sheet.free_text(value, VALUE)) for label, value in facts]
    return [heading(shown("The device now"), separator=True, spacing="Medium"), *rows(pairs)]


def _script(sheet: Sheet) -> list[Part]:
    if not sheet.view.script:
        runs = any(isinstance(fact, Script) for fact in sheet.request.subject.facts)
        hidden = runs and sheet.view.viewer is not Viewer.ELIGIBLE
        return [line(shown(_FOR_APPROVERS), isSubtle=True)] if hidden else []
    return _verbatim(sheet, _called(sheet), sheet.view.script)


def _called(sheet: Sheet) -> str:
    """Return the title of the text; a profile's content is not a script."""
    names = {SCRIPTS[fact.purpose] for fact in sheet.request.subject.facts if isinstance(fact, Script)}
    return names.pop() if len(names) == 1 else "Scripts"


def _raw(sheet: Sheet) -> list[Part]:
    """Return content of an unknown type as it was filed."""
    return _verbatim(sheet, "What was filed", sheet.view.raw) if sheet.view.raw else []


def _verbatim(sheet: Sheet, title: str, text: str) -> list[Part]:
    room = sheet.length(SCRIPT)
    parts: list[Part] = [
        heading(shown(title), separator=True, spacing="Medium"),
        panel(Tone.QUIET, _code(breakable(verbatim(text[:room])))),
    ]
    if len(text) > room:
        cut = f"These are the first {room} of {len(text)} characters. Read the rest in Intune before you approve."
        parts.append(line(shown(cut), weight="Bolder", spacing="Small"))
    return parts


def _code(text: str) -> Part:
    """Return a block without Markdown, so that every character shows as it is."""
    return RichTextBlock(inlines=[TextRun(text=text, fontType="Monospace", size="Small")])


def _identity(sheet: Sheet) -> Part:
    subject = f"Request {sheet.request.id} · reviewed content {sheet.request.digest[:12]}"
    return line(shown(subject), isSubtle=True, size="Small", separator=True, spacing="Medium")
