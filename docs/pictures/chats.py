"""The cards of a chat with the bot that show no single request: drafts and lists."""

from dataclasses import dataclass, replace
from typing import Any

from approvals.asking import Draft
from approvals.order import Act, Option
from cards import drafting, lists
from docs.pictures.gallery import (
    ADMINS,
    ASSIGNMENT,
    DIRECTORS,
    HALFWAY,
    NOW,
    ORDERED,
    PC,
    PHONE,
    RITA,
    WAITING,
    WIDE,
    WIPE,
    workflow,
)

DRAFT = Draft("01K9Z3M8QW2T7RDA", RITA, Act.WIPE, "PC-1", NOW, target_id="5f0c", subject=PC, workflows=(WIPE,))
GUARDED = replace(
    DRAFT,
    options=frozenset({Option.KEEP_ENROLLMENT, Option.PROTECTED}),
    urgent=True,
    justification="Stolen on the train this morning, INC-2041",
    workflows=(WIPE, workflow("Guarded orders", 1, DIRECTORS)),
    stricter="the target is protected (Executives)",
)
LAPTOPS = (
    drafting.Choice(
        "a1",
        "LAPTOP-7",
        (
            ("Model", "Dell Latitude 7450"),
            ("User", "dana@company.onmicrosoft.com"),
            ("Serial number", "SN-1007"),
            ("Owner", "company"),
            ("Compliance", "compliant"),
            ("Last contact", "2026-11-23 06:41 UTC"),
        ),
    ),
    drafting.Choice(
        "b2",
        "LAPTOP-7",
        (
            ("Model", "ThinkPad X1"),
            ("User", "sam@company.onmicrosoft.com"),
            ("Serial number", "SN-2007"),
            ("Owner", "personal"),
            ("Compliance", "noncompliant"),
            ("Last contact", "2026-09-01 17:20 UTC"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Chat:
    """One card; `says` are phrases that it must contain."""

    name: str
    card: dict[str, Any]
    says: tuple[str, ...]
    width: int = WIDE


CHATS = (
    Chat(
        "draft-chooser",
        drafting.chooser(DRAFT, LAPTOPS, "device"),
        ("Which device", "SN-1007", "SN-2007", "personal"),
    ),
    Chat("draft-chooser-phone", drafting.chooser(DRAFT, LAPTOPS, "device"), ("SN-2007",), PHONE),
    Chat("draft-not-found", drafting.not_found(Act.WIPE, "PC-9", "device"), ("no device", "PC-9", "serial number")),
    Chat(
        "draft-confirmation",
        drafting.confirmation(DRAFT, "Device-Managers or Security-Team"),
        ("Not asked for yet", "Wipe PC-1", "factory settings", "Device-Managers or Security-Team"),
    ),
    Chat(
        "draft-guarded",
        drafting.confirmation(
            GUARDED,
            "Device-Managers or Security-Team; IT-Directors",
            "The name that you typed is not the device's name.",
        ),
        ("Urgent", "protected (Executives)", "stays enrolled", "not the device's name"),
    ),
    Chat(
        "draft-sign-in",
        drafting.confirmation(DRAFT, "Device-Managers", "", "https://bot.company.example/signin/x", can_continue=True),
        ("Please sign in", "go on in our chat"),
    ),
    Chat("draft-asked", drafting.asked(ORDERED), ("Asked for approval", "Nothing is in Intune yet")),
    Chat(
        "list-pending",
        lists.requests("Waiting for approval", [WAITING, replace(HALFWAY, urgent=True), ASSIGNMENT], "Nothing waits."),
        ("Waiting for approval", "Wipe PC-1", "Urgent", "Rita Rossi"),
    ),
    Chat(
        "list-who-can",
        lists.who_can(
            "Script deployment",
            [(ADMINS.name, "Alex Adler, Bo Thorsen"), ("Change-Advisory-Board", "Bo Thorsen, Cora Costa")],
            "Needed: 2 approvals; Security-Admins and Change-Advisory-Board still open.",
        ),
        ("Alex Adler", "2 approvals"),
    ),
)
