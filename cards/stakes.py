"""The wording of what will be lost or changed."""

from collections.abc import Mapping

from approvals.kinds import APP_ASSIGNMENT, kind_of
from approvals.subject import Subject, Wipe
from cards.assignments import intent_of, is_gone, is_new, is_uninstalled
from cards.text import plain
from cards.words import NAME, assigns, noun

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
    "deprovision": "The device is taken out of management, and no longer gets settings, apps or updates from Intune.",
}

_OF_MANY = {
    "wipe": (
        "All {count} are reset to factory settings. Apps, settings and everything that is stored only on them are "
        "lost, and each has to be set up anew."
    ),
    "retire": (
        "Company apps, company data and settings are removed from all {count}, and they leave management. Personal "
        "data stays."
    ),
    "delete": (
        "All {count} disappear from Intune with their records. When they are next in contact, company data on them is "
        "removed."
    ),
    "deprovision": "All {count} are taken out of management, and no longer get settings, apps or updates from Intune.",
}

_MANY_KEEP_DATA = "All {count} are reset. Apps and settings are lost; their users' own data on them is kept."

_KEEPS_DATA = "The device is reset. Apps and settings are lost; the user's own data on it is kept."

_OBLITERATION = {
    "always": "A Mac is obliterated: its system is erased as well.",
    "obliteratewithwarning": "A Mac whose data cannot be erased is obliterated: its system is erased as well.",
    "donotobliterate": "A Mac whose data cannot be erased stays as it is.",
}
"""Meaning of each obliteration policy; Intune's default has no sentence."""

_OBLITERATING = frozenset({"always", "obliteratewithwarning"})
_NO_SENTENCE = frozenset({"", "default"})

_SCRIPT = "The script runs on every device it reaches. What it does there cannot be taken back from here."
_SETTINGS = "Every device it reaches takes over these settings at its next contact."
_UPDATES = "It decides which updates the devices it reaches install, and when."
_COMPLIANCE = "Devices are judged by the new rules at their next contact. Those that fail may lose access."

_OF_OTHERS = {
    "app": "The app, and every script in it, runs on the devices it reaches, most often with all rights there.",
    APP_ASSIGNMENT: "It decides who gets the app, on which terms, and from whom it is taken.",
    "app-relationship": "Devices that get one app get another one with it, or lose one that they have.",
    "script": _SCRIPT,
    "shell-script": _SCRIPT,
    "custom-attribute": _SCRIPT,
    "compliance-script": "The script runs on every device it reaches, and what it finds decides about their access.",
    "remediation": "The scripts run on every device they reach. What they do there cannot be taken back from here.",
    "configuration-policy": _SETTINGS,
    "device-configuration": _SETTINGS,
    "administrative-template": _SETTINGS,
    "baseline": _SETTINGS,
    "enrollment": "It decides which devices may enrol, and what they go through when they do.",
    "autopilot": "New devices are set up by it: their names, who is an administrator on them, what is skipped.",
    "feature-update": _UPDATES,
    "quality-update": _UPDATES,
    "quality-update-policy": _UPDATES,
    "driver-update": _UPDATES,
    "compliance": _COMPLIANCE,
    "catalogue-compliance": _COMPLIANCE,
    "role": "Whoever holds this role may do what it says, from then on and on everything in its scope.",
    "role-assignment": "Whoever is in its groups may do what the role says, on everything in its scope.",
    "access-policy": "This changes who has to approve what. Whoever controls this controls every later approval.",
    "category": "Groups may be made by categories: devices can come under other policies with it.",
}
"""Stakes by the code of the kind."""

_UNKNOWN = "What this does is not known here. Look at it in Intune before you decide."


def stakes(subject: Subject) -> str:
    """Return what will be lost or changed; for a wipe this depends on its options."""
    kind = kind_of(subject.kind, subject.policy_types)
    code = kind.code if kind else ""
    if code == "device":
        return _of_devices(subject)
    if assigns(subject) and (lost := _lost(subject, "app" if code == APP_ASSIGNMENT else code)):
        return lost
    if subject.action == "delete" and code not in ("access-policy", APP_ASSIGNMENT):
        return f"The {noun(subject)} and its assignments are deleted. Nothing brings them back."
    return _OF_OTHERS.get(code, _UNKNOWN)


def _of_devices(subject: Subject) -> str:
    wipe, many = subject.wipe, subject.is_bulk
    first = (_OF_MANY if many else _OF_DEVICES).get(subject.action, _UNKNOWN)
    if wipe is not None and wipe.keeps_user_data:
        first = _MANY_KEEP_DATA if many else _KEEPS_DATA
    return " ".join([first.format(count=f"{subject.device_count} devices"), *(_wiped(wipe, many=many) if wipe else ())])


def _wiped(wipe: Wipe, *, many: bool) -> list[str]:
    told = []
    if wipe.keeps_enrollment:
        told.append(
            "They stay enrolled, and come back under management by themselves."
            if many
            else "It stays enrolled, and comes back under management by itself."
        )
    if wipe.keeps_esim:
        told.append("Their eSIM plans are kept." if many else "Its eSIM plan is kept.")
    if wipe.is_protected:
        told.append(
            "Protected: it cannot be stopped by switching a device off, and may leave some unable to start."
            if many
            else "Protected: it cannot be stopped by switching the device off, and may leave it unable to start."
        )
    told += _of_a_mac(wipe)
    if wipe.unread:
        told.append("Some of its options could not be read. Look at them in Intune before you decide.")
    return told


def _of_a_mac(wipe: Wipe) -> list[str]:
    """Return what happens to a Mac; an unknown word is shown as it is, because it may mean the worst."""
    words = {one.casefold(): one for one in wipe.obliteration.split(", ")}
    told = [sentence for word, sentence in _OBLITERATION.items() if word in words]
    if (wipe.keeps_user_data or wipe.keeps_enrollment) and not _OBLITERATING.isdisjoint(words):
        told.append("On a Mac nothing is kept.")
    unknown = [one for word, one in words.items() if word not in {*_OBLITERATION, *_NO_SENTENCE}]
    if unknown:
        said = plain(", ".join(unknown), NAME)
        told.append(f"The option for a Mac is “{said}”, which is not known here. Look at it in Intune.")
    return told


_UNINSTALLED = (
    "The app is taken off every device that this reaches, with what it keeps there. Nothing brings that back from here."
)
_REQUIRED = "The app is installed on every device that this reaches, without asking the user."
_OFFERS = frozenset({"available", "availablewithoutenrollment"})
_OFFERED = "The app is offered to those whom this reaches. Nothing is installed before somebody wants it."
_NO_LONGER_OFFERED = (
    "Those whom this no longer reaches do not get the app from here any more, nor its updates. Whether it stays on "
    "their devices depends on the app."
)
_RUNS_NO_LONGER = "It no longer runs on devices that this no longer reaches. What it has done there stays."
_NOT_JUDGED = (
    "Devices that this no longer reaches are not judged by these rules any more, "
    "and may count as compliant without them."
)
_UNASSIGNED: Mapping[str, str] = {
    "app": _NO_LONGER_OFFERED,
    "script": _RUNS_NO_LONGER,
    "shell-script": _RUNS_NO_LONGER,
    "custom-attribute": _RUNS_NO_LONGER,
    "remediation": "Devices that this no longer reaches are no longer looked after. What was done there stays.",
    "compliance": _NOT_JUDGED,
    "catalogue-compliance": _NOT_JUDGED,
}
_LET_GO = "Those whom this no longer reaches lose what it sets, and may fall back to how they were before."


def _lost(subject: Subject, code: str) -> str:
    """Return what an assignment takes away, and what an app does to its targets; empty if the usual words suffice."""
    new = [one for one in subject.reaches if is_new(one) and not one.excluded]
    told = [_UNINSTALLED] if any(map(is_uninstalled, new)) else []
    if any(is_gone(one) and not one.excluded for one in subject.reaches):
        told.append(_UNASSIGNED.get(code, _LET_GO))
    if code == "app" and any(intent_of(one) == "required" for one in new):
        told.append(_REQUIRED)
    if new and code != "app" and code in _OF_OTHERS:
        told.append(_OF_OTHERS[code])
    offered = bool(new) and all(intent_of(one) in _OFFERS for one in new)
    return " ".join(told) or (_OFFERED if code == "app" and offered else "")
