"""Which workflows decide a request, and that a later configuration never weakens one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from approvals.policy import PolicyBook, QuorumMode, Rule
from tests.approvals.builders import ADMINS, CAB, workflow

SCRIPTS, WIPES, ELSE = workflow(), workflow(operation="Device wipe"), workflow(operation="Everything else")
BOOK = PolicyBook(
    rules=(
        Rule(SCRIPTS, frozenset({"script"}), frozenset({"devicemanagementscript"})),
        Rule(WIPES, frozenset({"devicewipe", "wipe"}), frozenset()),
    ),
    catch_all=ELSE,
    digest="c1",
)


@pytest.mark.parametrize(
    ("types", "kind", "decided_by"),
    [
        (("script",), "", ["Script deployment"]),
        (("Script",), "", ["Script deployment"]),
        (("wipe",), "", ["Device wipe"]),
        (("wipe", "deviceWipe"), "", ["Device wipe"]),
        (("script", "deviceWipe"), "", ["Script deployment", "Device wipe"]),
        ((), "DeviceManagementScript", ["Script deployment"]),
        (("new",), "DeviceManagementScript", ["Script deployment"]),
        (("new",), "", ["Everything else"]),
        (("new", "script"), "", ["Script deployment", "Everything else"]),
        (("new", "wipe"), "DeviceManagementScript", ["Script deployment", "Device wipe"]),
        ((), "", ["Everything else"]),
        ((), "ManagedDevice", ["Everything else"]),
    ],
)
def test_who_decides(types: tuple[str, ...], kind: str, decided_by: list[str]) -> None:
    """Every workflow that covers a type or the kind decides; the catch-all decides what no workflow covers."""
    assert [flow.operation for flow in BOOK.workflows_for(types, kind)] == decided_by


@pytest.mark.parametrize(
    ("now", "later", "then"),
    [
        ({}, {"enabled": False}, {"enabled": False}),
        ({"enabled": False}, {}, {"enabled": False}),
        ({}, {"required": 3}, {"required": 3}),
        ({"required": 3}, {}, {"required": 3}),
        ({}, {"groups": (CAB,)}, {"groups": (CAB,)}),
        ({"groups": (CAB,)}, {"groups": (ADMINS, CAB)}, {"groups": (CAB,)}),
        ({"mode": QuorumMode.ANY}, {"mode": QuorumMode.ANY}, {"mode": QuorumMode.ANY}),
        ({"mode": QuorumMode.ANY}, {}, {"mode": QuorumMode.EACH}),
        ({}, {"mode": QuorumMode.ANY}, {"mode": QuorumMode.EACH}),
        ({}, {"deadline": timedelta(hours=1)}, {"deadline": timedelta(hours=1)}),
        ({}, {"deadline": timedelta(hours=99)}, {}),
        ({}, {"urgent_deadline": timedelta(hours=1)}, {"urgent_deadline": timedelta(hours=1)}),
        ({}, {"urgent_deadline": timedelta(hours=99)}, {}),
        ({"keeps_votes": True}, {}, {"keeps_votes": False}),
        ({}, {"keeps_votes": True}, {"keeps_votes": False}),
        ({"keeps_votes": True}, {"keeps_votes": True}, {"keeps_votes": True}),
        ({}, {"channels": ("19:other",), "alarms": True}, {}),
    ],
)
def test_a_later_configuration_only_tightens(now: dict[str, Any], later: dict[str, Any], then: dict[str, Any]) -> None:
    """A later configuration only makes each part of a workflow stricter; what people read does not change."""
    assert workflow(**now).tightened_by(workflow(**later)) == replace(workflow(**now), **then)
