"""Cards in a chat with the bot that do not show a single request: drafts and lists."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from approvals.asking import Draft
from approvals.causes import TargetProtected
from approvals.order import Act, Option
from approvals.subject import Wipe
from cards import drafting, lists, words
from tests.samples.gallery import (
    ADMINS,
    DEFENDER,
    DIRECTORS,
    HALFWAY,
    HELPDESK,
    NOW,
    ORDERED,
    PC,
    PHONE,
    RITA,
    ROLE,
    SCRIPT,
    WAITING,
    WIDE,
    WIPE,
    workflow,
)

DRAFT = Draft("01K9Z3M8QW2T7RDA", RITA, Act.WIPE, "PC-1", NOW, target_id="5f0c", subject=PC, workflows=(WIPE,))
FILLED = replace(DRAFT, justification="Stolen on the train this morning, INC-2041", confirmed=True)
GUARDED = replace(
    FILLED,
    options=frozenset({Option.KEEP_ENROLLMENT, Option.PROTECTED}),
    subject=replace(PC, wipe=Wipe(keeps_enrollment=True, is_protected=True)),
    urgent=True,
    confirmed=False,
    workflows=(WIPE, replace(workflow("Guarded orders", 1, DIRECTORS), on_top=True)),
    stricter=TargetProtected(("Executives",)),
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


ASSIGN = replace(DRAFT, act=Act.SCRIPT, target_id="9b1d", subject=DEFENDER, workflows=(SCRIPT,))
URGENT = replace(HALFWAY, id="01K9Z3NB4HX9V6QE", opened_urgent=True, deadline=NOW + timedelta(hours=3))
ROLES = replace(WAITING, id="01K9Z3P7YJ5M2KFC", subject=HELPDESK, workflows=(ROLE,))


@dataclass(frozen=True, slots=True)
class Chat:
    """One card. `says` are phrases that it must contain."""

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
        drafting.confirmation(DRAFT, words.approvers_of(DRAFT.workflows)),
        ("Not asked for yet", "Wipe PC-1", "factory settings", "Device-Managers or Security-Team"),
    ),
    Chat(
        "draft-assignment-phone",
        drafting.confirmation(ASSIGN, words.approvers_of(ASSIGN.workflows)),
        ("Assign script Update-Defender", "2 people: Security-Admins and Change-Advisory-Board"),
        PHONE,
    ),
    Chat(
        "draft-guarded",
        drafting.confirmation(
            GUARDED,
            words.approvers_of(GUARDED.workflows),
            "The name that you typed is not the device's name.",
        ),
        ("Urgent", "protected (Executives)", "stays enrolled", "not the device's name"),
    ),
    Chat(
        "draft-sign-in",
        drafting.confirmation(
            FILLED, words.approvers_of(FILLED.workflows), "", "https://bot.company.example/signin/x", can_continue=True
        ),
        ("Please sign in", "go on in our chat", "Stolen on the train"),
    ),
    Chat("draft-asked", drafting.asked(ORDERED), ("Asked for approval", "Nothing is in Intune yet")),
    Chat(
        "list-pending",
        lists.requests("Waiting for approval", [WAITING, URGENT, ROLES], "Nothing waits."),
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
