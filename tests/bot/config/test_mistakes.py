"""The messages about a wrong configuration file: every mistake, with its path and what to do."""

from typing import Any

import pytest

from bot.config.file import (
    ConfigError,
    parse,
)
from tests.bot.config.documents import DOCUMENT, MISSING, Path, ours, written

WORKFLOW = ("approvalWorkflows", 0)
OURS = ("countersign",)
WIPE = (*OURS, "workflows", "Device wipe")
EMERGENCY = ("emergencyAccess",)
APP_ID = "6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22"
DURATION = 'this must be an ISO 8601 duration such as "PT24H" or "P30D"'
RETENTION = "this must be an ISO 8601 duration in days or weeks such as P2555D, of at most P36500D"
NO_CHANNEL = 'this is not a channel; use "Get link to channel" in Teams, or an id like 19:…@thread.tacv2'
UNKNOWN = "this key is unknown; check its spelling"
NO_PATTERN = "this is not a valid regular expression: missing ), unterminated subpattern at position 3"
FOR_EVER = 'this repeats a group, such as "(…)+", which can be very slow; do not repeat a group'
EMPTY = "this must not be empty; add at least one entry"

WRONG: list[tuple[Path, Any, str]] = [
    # An empty list of approvers is never "anyone".
    ((*WORKFLOW, "approverGroups"), [], f"approvalWorkflows[0].approverGroups: {EMPTY}"),
    ((*WORKFLOW, "approverGroups"), MISSING, "approvalWorkflows[0].approverGroups: this is missing"),
    ((*WORKFLOW, "approverGroups"), None, "approvalWorkflows[0].approverGroups: this must be a list"),
    ((*WORKFLOW, "approverGroups"), "IT-Directors", "approvalWorkflows[0].approverGroups: this must be a list"),
    ((*WORKFLOW, "approverGroups"), [" "], "approvalWorkflows[0].approverGroups[0]: this must not be empty"),
    (
        (*WORKFLOW, "approverGroups"),
        ["A", "B", "a"],
        'approvalWorkflows[0].approverGroups: this contains "A" more than once; keep one',
    ),
    ((*OURS, "everythingElse", "approverGroups"), [], f"countersign.everythingElse.approverGroups: {EMPTY}"),
    ((*OURS, "accessPolicyChanges", "approverGroups"), [], f"countersign.accessPolicyChanges.approverGroups: {EMPTY}"),
    # Values are never converted: "2" and true are not numbers, "no" is not false.
    ((*WORKFLOW, "requiredApprovers"), "2", "approvalWorkflows[0].requiredApprovers: this must be a whole number"),
    ((*WORKFLOW, "requiredApprovers"), True, "approvalWorkflows[0].requiredApprovers: this must be a whole number"),
    ((*WORKFLOW, "requiredApprovers"), 0, "approvalWorkflows[0].requiredApprovers: this must be at least 1"),
    ((*WORKFLOW, "requiredApprovers"), 99, "approvalWorkflows[0].requiredApprovers: this must be at most 20"),
    ((*WORKFLOW, "requiredApprovers"), MISSING, "approvalWorkflows[0].requiredApprovers: this is missing"),
    ((*WORKFLOW, "enabled"), "no", "approvalWorkflows[0].enabled: this must be true or false"),
    ((*WORKFLOW, "enabled"), 0, "approvalWorkflows[0].enabled: this must be true or false"),
    ((*WORKFLOW, "operation"), "", "approvalWorkflows[0].operation: this must not be empty"),
    ((*WORKFLOW, "operation"), 5, "approvalWorkflows[0].operation: this must be a string"),
    (
        (*WORKFLOW, "operation"),
        "x" * 300,
        "approvalWorkflows[0].operation: this must not be longer than 256 characters",
    ),
    (("approvalWorkflows",), [], f"approvalWorkflows: {EMPTY}"),
    (("approvalWorkflows",), MISSING, "approvalWorkflows: this is missing"),
    (("approvalWorkflows", 1), "wipe", "approvalWorkflows[1]: this must be an object"),
    (OURS, [], "countersign: this must be an object"),
    # An unknown key is a mistake, because it was meant to do something.
    (("approvalworkflows",), [], f"approvalworkflows: {UNKNOWN}"),
    ((*WORKFLOW, "quorum"), "each", f"approvalWorkflows[0].quorum: {UNKNOWN}"),
    ((*OURS, "poll_every"), "PT30S", f"countersign.poll_every: {UNKNOWN}"),
    ((*OURS, "poll every"), "PT30S", f'countersign["poll every"]: {UNKNOWN}'),
    # The emergency path needs a justification and a review.
    (
        (*EMERGENCY, "emergencyJustificationRequired"),
        False,
        "emergencyAccess: if emergencyBypassEnabled is true, emergencyJustificationRequired must be true as well",
    ),
    (
        (*EMERGENCY, "postEmergencyReviewRequired"),
        False,
        "emergencyAccess: if emergencyBypassEnabled is true, postEmergencyReviewRequired must be true as well",
    ),
    ((*EMERGENCY, "breakGlassAccounts"), [], f"emergencyAccess.breakGlassAccounts: {EMPTY}"),
    ((*EMERGENCY, "auditLogRetention"), "7 years", f"emergencyAccess.auditLogRetention: {RETENTION}"),
    ((*EMERGENCY, "auditLogRetention"), "P84M", f"emergencyAccess.auditLogRetention: {RETENTION}"),
    # Countersign's own settings.
    ((*OURS, "decisions"), "both", 'countersign.decisions: this must be "track" or "carry"'),
    ((*OURS, "membership"), "nested", 'countersign.membership: this must be "direct" or "transitive"'),
    ((*OURS, "keepVotesOfFormerMembers"), "yes", "countersign.keepVotesOfFormerMembers: this must be true or false"),
    ((*OURS, "deadlines", "standard"), "24h", f"countersign.deadlines.standard: {DURATION}"),
    ((*OURS, "deadlines", "standard"), 24, f"countersign.deadlines.standard: {DURATION}"),
    ((*OURS, "deadlines", "urgent"), "PT0S", "countersign.deadlines.urgent: this must be more than 0 seconds"),
    ((*OURS, "pollEvery"), "PT0.1S", "countersign.pollEvery: this must be at least 1 second"),
    ((*OURS, "pollEvery"), "PT1H", "countersign.pollEvery: this must be at most 10 minutes"),
    ((*OURS, "channels"), "19:a@thread.tacv2", "countersign.channels: this must be a list"),
    ((*OURS, "channels"), ["General"], f"countersign.channels[0]: {NO_CHANNEL}"),
    ((*OURS, "channels"), [None], f"countersign.channels[0]: {NO_CHANNEL}"),
    ((*OURS, "operationsChannel"), "Operations", f"countersign.operationsChannel: {NO_CHANNEL}"),
    ((*OURS, "identities"), "email", 'countersign.identities: this must be "none" or "employeeId"'),
    ((*OURS, "identities"), ["a@x"], "countersign.identities[0]: this must be a list"),
    ((*OURS, "identities"), [[]], f"countersign.identities[0]: {EMPTY}"),
    (
        (*OURS, "identities"),
        [["a@x", "b@x"], ["B@x"]],
        'countersign.identities: this contains "b@x" more than once; keep one',
    ),
    (
        (*OURS, "applicationOwners"),
        {"Deployment-Pipeline": ["dana@x"]},
        'countersign.applicationOwners["Deployment-Pipeline"]: this has the wrong format; check for a typing error',
    ),
    ((*OURS, "applicationOwners"), {APP_ID: []}, f'countersign.applicationOwners["{APP_ID}"]: {EMPTY}'),
    ((*OURS, "emergency", "ticketPattern"), "INC(", f"countersign.emergency.ticketPattern: {NO_PATTERN}"),
    *(
        ((*OURS, "emergency", "ticketPattern"), pattern, f"countersign.emergency.ticketPattern: {FOR_EVER}")
        for pattern in (r"(\w+)+", r"(a|a)*", r"(?:\d+-?){2,}")
    ),
    ((*WIPE, "quorum"), "all", 'countersign.workflows["Device wipe"].quorum: this must be "any" or "each"'),
    ((*WIPE, "policyTypes"), [], f'countersign.workflows["Device wipe"].policyTypes: {EMPTY}'),
    ((*WIPE, "deadlines"), {"standard": "1h"}, f'countersign.workflows["Device wipe"].deadlines.standard: {DURATION}'),
    # Contradictions between settings.
    (
        (*WIPE, "quorum"),
        "each",
        (
            'countersign.workflows["Device wipe"].quorum: "each" needs an approver from each of 2 groups, but '
            "requiredApprovers is 1; raise it"
        ),
    ),
    (
        (*OURS, "workflows", "Device wiep"),
        {},
        'countersign.workflows: approvalWorkflows has no operation "Device wiep"; correct it',
    ),
    (
        (*WORKFLOW, "operation"),
        "Device wipe",
        'approvalWorkflows: more than one workflow for "Device wipe"; keep one',
    ),
    (
        (*WORKFLOW, "operation"),
        "Roles",
        (
            'countersign.workflows["Roles"].policyTypes: Intune\'s policy types for this operation are not known; set '
            'them here, or rename the operation to one of "App deployment", "Compliance policy changes", '
            '"Configuration policy changes", "Device deprovisioning", "Device wipe", "Role management", "Script '
            'deployment", "Tenant configuration"'
        ),
    ),
]


def mistakes(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as found:
        parse(text)
    return found.value.mistakes


@pytest.mark.parametrize(("path", "value", "sentence"), WRONG)
def test_a_mistake_is_told_with_its_path(path: Path, value: Any, sentence: str) -> None:
    """One mistake gives exactly one message with its path."""
    assert mistakes(written((path, value))) == (sentence,)


def test_every_mistake_is_told_at_once() -> None:
    """All mistakes are reported at once."""
    told = mistakes(
        written(
            ((*WORKFLOW, "approverGroups"), []),
            (("approvalWorkflows", 2, "requiredApprovers"), 0),
            ((*EMERGENCY, "emergencyJustificationRequired"), False),
            ((*OURS, "decisions"), "both"),
            ((*OURS, "channels"), ["General", "19:a@thread.tacv2", "Random"]),
        )
    )

    assert [sentence.partition(":")[0] for sentence in told] == [
        "approvalWorkflows[0].approverGroups",
        "approvalWorkflows[2].requiredApprovers",
        "emergencyAccess",
        "countersign.decisions",
        "countersign.channels[0]",
        "countersign.channels[2]",
    ]


def test_what_does_not_fit_together_is_told_at_once_too() -> None:
    """Contradictions between sections are reported at once too, each with its path."""
    told = mistakes(
        written(
            ((*WORKFLOW, "operation"), "Device wipe"),
            ((*WIPE, "quorum"), "each"),
            ((*OURS, "workflows", "Wiping"), {}),
            (("approvalWorkflows", 3, "operation"), "Compliance"),
        )
    )

    assert {sentence.partition(":")[0] for sentence in told} == {
        'countersign.workflows["Device wipe"].quorum',
        'countersign.workflows["Compliance"].policyTypes',
        "approvalWorkflows",
        "countersign.workflows",
    }


def test_both_switches_of_an_emergency_without_trace_are_named() -> None:
    """A bypass with neither justification nor review is refused for both reasons."""
    silent = {"emergencyJustificationRequired": False, "postEmergencyReviewRequired": False}

    [told] = mistakes(written((EMERGENCY, DOCUMENT["emergencyAccess"] | silent)))

    assert "emergencyJustificationRequired and postEmergencyReviewRequired must be true" in told


def test_without_a_bypass_nothing_is_asked_of_it() -> None:
    """If the emergency path is disabled, its other switches may have any value."""
    closed = dict.fromkeys(
        ("emergencyBypassEnabled", "emergencyJustificationRequired", "postEmergencyReviewRequired"), False
    )

    config = parse(written((EMERGENCY, DOCUMENT["emergencyAccess"] | closed)))

    assert config.emergency_access is not None


def test_repeated_keys_are_mistakes() -> None:
    """Every repeated key is reported, because JSON readers would silently take the last one."""
    text = ours(decisions="track").replace(
        '"decisions": "track"', '"decisions": "carry", "decisions": "track", "pollEvery": "PT9S", "pollEvery": "PT8S"'
    )

    assert mistakes(text) == (
        'the key "decisions" appears more than once in the same object; keep one',
        'the key "pollEvery" appears more than once in the same object; keep one',
    )


def test_repeated_keys_do_not_hide_other_mistakes() -> None:
    """Repeated keys are reported together with all other mistakes."""
    text = ours(decisions="both").replace('"decisions": "both"', '"decisions": "carry", "decisions": "both"')

    assert [sentence.partition(" ")[0] for sentence in mistakes(text)] == ["the", "countersign.decisions:"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1, column 1: this is not valid JSON: Expecting value"),
        (
            '{\n  "a": 1,\n}',
            "line 3, column 1: this is not valid JSON: Expecting property name enclosed in double quotes",
        ),
        ("{} {}", "line 1, column 4: this is not valid JSON: Extra data"),
        ("[" * 100_000, "this JSON is nested too deeply"),
        ("[]", "this must be an object"),
        ("null", "this must be an object"),
    ],
)
def test_what_is_no_json_object_at_all(text: str, sentence: str) -> None:
    """Invalid JSON is reported with the place where reading stopped."""
    assert mistakes(text)[0].startswith(sentence)
