"""What will be lost or changed if it happens, in words."""

from collections.abc import Mapping

from approvals.subject import Subject, Wipe
from cards.assignments import intent_of, is_gone, is_new, is_uninstalled
from cards.words import noun

_OF_DEVICES = {
    "wipe": (
        "The device is reset to factory settings. Apps, settings and everything that is stored only on it are lost, "
        "and it has to be set up anew."
    ),
    "retire": (
        "Company apps, company data and settings are removed and the device leaves management. Personal data stays."
    ),
    "delete": (
        "The device disappears from Intune with its records. When it is next in contact, company data on it is removed."
    ),
}

_KEEPS_DATA = "The device is reset. Apps and settings are lost; the user's own data on it is kept."

_OBLITERATION = {
    "always": "A Mac is obliterated: its system is erased as well.",
    "obliteratewithwarning": "A Mac whose data cannot be erased is obliterated: its system is erased as well.",
    "donotobliterate": "A Mac whose data cannot be erased stays as it is.",
}
"""What a policy of obliteration means; Intune's default is not told apart."""

_OF_OTHERS = {
    "script": "The script runs on every device it reaches. What it does there cannot be taken back from here.",
    "remediation": "The scripts run on every device they reach. What they do there cannot be taken back from here.",
    "role": "Whoever holds this role may do what it says, from then on and on everything in its scope.",
    "compliance policy": "Devices are judged by the new rules at their next contact. Those that fail may lose access.",
    "access policy": "This changes who has to approve what. Whoever controls this controls every later approval.",
}

_UNKNOWN = "What this does is not known here. Look at it in Intune before you decide."


def stakes(subject: Subject) -> str:
    """What will be lost or changed; how a device is wiped changes the words."""
    what = noun(subject)
    if what == "device":
        return _wiped(subject.wipe) if subject.wipe else _OF_DEVICES.get(subject.action, _UNKNOWN)
    if subject.action == "assign" and (lost := _lost(subject, what)):
        return lost
    if subject.action == "delete" and what != "access policy":
        return f"The {what} and its assignments are deleted. Nothing brings them back."
    return _OF_OTHERS.get(what, _UNKNOWN)


_UNINSTALLED = (
    "The app is taken off every device that this reaches, with what it keeps there. Nothing brings that back from here."
)
_REQUIRED = "The app is installed on every device that this reaches, without asking the user."
_OFFERED = "The app is offered to those whom this reaches. Nothing is installed before somebody wants it."
_NO_LONGER_OFFERED = (
    "Those whom this no longer reaches do not get the app from here any more, nor its updates. Whether it stays on "
    "their devices depends on the app."
)
_UNASSIGNED: Mapping[str, str] = {
    "app": _NO_LONGER_OFFERED,
    "script": "It no longer runs on devices that this no longer reaches. What it has done there stays.",
    "remediation": "Devices that this no longer reaches are no longer looked after. What was done there stays.",
    "compliance policy": (
        "Devices that this no longer reaches are not judged by these rules any more, and may count as compliant "
        "without them."
    ),
}
_LET_GO = "Those whom this no longer reaches lose what it sets, and may fall back to how they were before."


def _lost(subject: Subject, what: str) -> str:
    """What an assignment takes away, and what an app does to those whom it reaches; empty where the usual words say
    it."""
    new = [one for one in subject.reaches if is_new(one) and not one.excluded]
    told = [_UNINSTALLED] if any(map(is_uninstalled, new)) else []
    if any(is_gone(one) and not one.excluded for one in subject.reaches):
        told.append(_UNASSIGNED.get(what, _LET_GO))
    if what == "app" and any(intent_of(one) == "required" for one in new):
        told.append(_REQUIRED)
    if new and what in _OF_OTHERS:
        told.append(_OF_OTHERS[what])
    return " ".join(told) or (_OFFERED if what == "app" and new else "")


def _wiped(wipe: Wipe) -> str:
    told = [_KEEPS_DATA if wipe.keeps_user_data else _OF_DEVICES["wipe"]]
    if wipe.keeps_enrollment:
        told.append("It stays enrolled, and comes back under management by itself.")
    if wipe.keeps_esim:
        told.append("Its eSIM plan is kept.")
    if wipe.is_protected:
        told.append("Protected: it cannot be stopped by switching the device off, and may leave it unable to start.")
    if sentence := _OBLITERATION.get(wipe.obliteration.casefold()):
        told.append(sentence)
    return " ".join(told)
