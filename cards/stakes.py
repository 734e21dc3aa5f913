"""What will be lost or changed if it happens, in words."""

from approvals.order import Option
from approvals.request import Request, Subject
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

_OPTIONS = {
    Option.KEEP_ENROLLMENT: "It stays enrolled, and comes back under management by itself.",
    Option.PROTECTED: "Protected: it cannot be stopped by switching the device off, and may leave it unable to start.",
}

_OF_OTHERS = {
    "script": "The script runs on every device it reaches. What it does there cannot be taken back from here.",
    "remediation": "The scripts run on every device they reach. What they do there cannot be taken back from here.",
    "role": "Whoever holds this role may do what it says, from then on and on everything in its scope.",
    "compliance policy": "Devices are judged by the new rules at their next contact. Those that fail may lose access.",
    "access policy": "This changes who has to approve what. Whoever controls this controls every later approval.",
}

_UNKNOWN = "What this does is not known here. Look at it in Intune before you decide."


def stakes(subject: Subject, options: frozenset[Option] = frozenset()) -> str:
    """What will be lost or changed; the options of a wipe change the words."""
    what = noun(subject)
    if what == "device":
        lost = _KEEPS_DATA if Option.KEEP_USER_DATA in options else _OF_DEVICES.get(subject.action, _UNKNOWN)
        return " ".join([lost, *(sentence for option, sentence in _OPTIONS.items() if option in options)])
    if subject.action == "delete" and what != "access policy":
        return f"The {what} and its assignments are deleted. Nothing brings them back."
    return _OF_OTHERS.get(what, _UNKNOWN)


def stakes_of(request: Request) -> str:
    """The same for a request. The options of an order are in no reviewed fact, so they have to be said here."""
    return stakes(request.subject, request.filing.order.options if request.filing else frozenset())
