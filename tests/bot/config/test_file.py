"""The configuration file: what is accepted, what it means, and what its digest covers."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from approvals.policy import QuorumMode
from approvals.request import DecisionsMode
from bot.config.file import (
    Config,
    ConfigError,
    Deadlines,
    WorkflowSettings,
    digest_of,
    load,
    parse,
)
from docs.schema import FILE as SCHEMA_FILE
from docs.schema import OPERATIONS_FILE, operations
from docs.schema import text as schema_text
from tests.bot.config.documents import EMERGENCY, MISSING, WORKFLOWS, ours, written

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "config" / "approvals.json"
CHANNEL = "19:approvals@thread.tacv2"
GROUPS = [("Security-Admins", "id-1"), ("IT-Directors", "id-2")]


def test_the_workflows_are_accepted_as_they_were_written() -> None:
    """The first object of the policy document is accepted alone, and nothing in it is lost."""
    config = parse(WORKFLOWS)

    assert (
        config.model_dump(mode="json", by_alias=True)["approvalWorkflows"] == json.loads(WORKFLOWS)["approvalWorkflows"]
    )
    assert config.emergency_access is None
    assert config.countersign.decisions is DecisionsMode.TRACK


def test_the_emergency_access_is_accepted_as_it_was_written() -> None:
    """The second object is accepted unchanged, and its retention is seven years in days."""
    config = parse(written())

    assert config.emergency_access is not None
    assert config.emergency_access.audit_log_retention == timedelta(days=2555)
    kept = config.model_dump(mode="json", by_alias=True)["emergencyAccess"]
    assert kept | {"auditLogRetention": "P2555D"} == json.loads(EMERGENCY)["emergencyAccess"]


def test_the_shipped_file_carries_both_objects_unchanged() -> None:
    """The shipped file is the policy document with Countersign's own settings."""
    shipped = json.loads(SHIPPED.read_text(encoding="utf-8"))

    assert shipped["approvalWorkflows"] == json.loads(WORKFLOWS)["approvalWorkflows"]
    assert shipped["emergencyAccess"] == json.loads(EMERGENCY)["emergencyAccess"]
    assert load(SHIPPED).countersign.decisions is DecisionsMode.TRACK


def test_safe_defaults() -> None:
    """By default votes are tracked, only direct members count, and former members lose their votes."""
    settings = parse(WORKFLOWS).countersign

    assert settings.decisions is DecisionsMode.TRACK
    assert settings.membership == "direct"
    assert settings.identities == "employeeId"
    assert not settings.keep_votes_of_former_members
    assert settings.deadlines == Deadlines(standard=timedelta(hours=24), urgent=timedelta(hours=4))
    assert settings.everything_else.approver_groups is None


def test_settings_of_a_workflow() -> None:
    """Settings of a workflow are found by the name of its operation; without any they are empty."""
    config = parse(
        ours(
            workflows={
                "Script deployment": {
                    "channels": [f"https://teams.microsoft.com/l/channel/{CHANNEL}/CAB?groupId=1"],
                    "quorum": "each",
                    "deadlines": {"standard": "PT8H", "urgent": "PT30M"},
                    "payloadTypes": ["DeviceManagementScript"],
                }
            }
        )
    )

    settings = config.settings_of("Script deployment")
    assert settings.channels == (CHANNEL,)
    assert settings.quorum is QuorumMode.EACH
    assert settings.deadlines == Deadlines(standard=timedelta(hours=8), urgent=timedelta(minutes=30))
    assert settings.payload_types == ("DeviceManagementScript",)
    assert config.settings_of("Device wipe") == WorkflowSettings()


@pytest.mark.parametrize(
    ("identities", "read"),
    [
        ("none", "none"),
        ("employeeId", "employeeId"),
        ([], ()),
        (
            [["rita@x", "rita-admin@x"], ["sam@x", "sam-admin@x"]],
            (("rita@x", "rita-admin@x"), ("sam@x", "sam-admin@x")),
        ),
    ],
)
def test_linked_accounts(identities: Any, read: Any) -> None:
    """Accounts are linked by nothing, by employee id, or by a list of people with their accounts."""
    assert parse(ours(identities=identities)).countersign.identities == read


def test_an_operation_of_ones_own_needs_its_policy_types() -> None:
    """An operation can have any name if its policy types are given."""
    config = parse(
        written(
            (("approvalWorkflows", 0, "operation"), "App deployment"),
            (("countersign", "workflows", "App deployment", "policyTypes"), ["app", "somethingNew"]),
        )
    )

    assert config.settings_of("App deployment").policy_types == ("app", "somethingNew")


def test_names_lose_the_blanks_around_them() -> None:
    """Spaces around a name are ignored."""
    config = parse(written((("approvalWorkflows", 0, "approverGroups"), [" IT-Directors "])))

    assert config.approval_workflows[0].approver_groups == ("IT-Directors",)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """A byte order mark is accepted, because Windows editors write one."""
    file = tmp_path / "approvals.json"
    file.write_text(written(), encoding="utf-8-sig")

    assert load(file) == parse(written())


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file and a binary file are reported with their path."""
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")

    for path in (tmp_path / "missing.json", binary):
        with pytest.raises(ConfigError) as found:
            load(path)
        assert found.value.mistakes[0].startswith(f"{path}: cannot be read")


@pytest.mark.parametrize(
    "text",
    ['{"a": "\\ud83d"}', '{"a": ' + "[" * 300 + "]" * 300 + "}", '{"a": ' + "9" * 5000 + "}"],
    ids=["half a surrogate pair", "nested deeply", "a long number"],
)
def test_what_only_one_reader_refuses(text: str) -> None:
    """A text that Python reads and pydantic refuses, or vice versa, is reported with a reason."""
    with pytest.raises(ConfigError) as found:
        parse(text)
    assert found.value.mistakes
    assert all(found.value.mistakes)


# --- the digest ---------------------------------------------------------------------------------------------------

DECIDES = [
    (("approvalWorkflows", 0, "requiredApprovers"), 2),
    (("approvalWorkflows", 0, "enabled"), False),
    (("approvalWorkflows", 0, "approverGroups"), ["IT-Directors"]),
    (("approvalWorkflows", 0, "operation"), "Roles"),
    (("emergencyAccess", "breakGlassAccounts"), ["somebody@company.onmicrosoft.com"]),
    (("emergencyAccess",), MISSING),
    (("countersign", "decisions"), "carry"),
    (("countersign", "deadlines"), {"standard": "PT23H"}),
    (("countersign", "identities"), "none"),
    (("countersign", "membership"), "transitive"),
    (("countersign", "keepVotesOfFormerMembers"), True),
    (("countersign", "channels"), [CHANNEL]),
    (("countersign", "workflows", "Device wipe", "quorum"), "any"),
    (("countersign", "accessPolicyChanges"), {"approverGroups": ["IT-Directors"]}),
    (("countersign", "applicationOwners"), {"6f1c0a3e-52a1-4d0f-9b7e-0c8d6a1e4b22": ["dana@x"]}),
]

SAYS_THE_SAME = [
    (("$schema",), "https://example.com/schema.json"),
    (("countersign",), {}),
    (("countersign", "decisions"), "track"),
    (("countersign", "deadlines"), {"standard": "P1D", "urgent": "PT240M"}),
    (("emergencyAccess", "auditLogRetention"), "P365W"),
]


def digest(text: str, groups: list[tuple[str, str]] = GROUPS) -> str:
    return digest_of(parse(text), groups)


@pytest.mark.parametrize(("path", "value"), DECIDES)
def test_the_digest_changes_with_whatever_decides(path: tuple[str | int, ...], value: Any) -> None:
    """Every change of a setting changes the digest, so that an outdated replica does not decide."""
    own = (("countersign", "workflows", "Roles", "policyTypes"), ["role"])
    more = [own] if value == "Roles" else []

    assert digest(written((path, value), *more)) != digest(written())


@pytest.mark.parametrize(("path", "value"), SAYS_THE_SAME)
def test_the_digest_stays_where_the_same_is_said(path: tuple[str | int, ...], value: Any) -> None:
    """The address of the schema, an explicit default and another form of a duration do not change the digest."""
    assert digest(written((path, value))) == digest(written())


def test_the_digest_covers_which_group_a_name_stands_for() -> None:
    """A new group with an old name changes the digest; the order in which groups were found does not."""
    anew = [("Security-Admins", "id-9"), ("IT-Directors", "id-2")]

    assert digest(written(), anew) != digest(written())
    assert digest(written(), GROUPS[::-1]) == digest(written())


def test_the_digest_does_not_see_the_order_of_keys() -> None:
    """The order of keys does not change the digest."""
    document = json.loads(written())
    turned = json.dumps(dict(reversed(document.items())))

    assert digest(turned) == digest(written())


# --- the schema for editors ---------------------------------------------------------------------------------------


def test_the_published_schema_is_the_one_that_is_read_by() -> None:
    """The published schema is up to date (`python docs/schema.py` writes it)."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()
    assert OPERATIONS_FILE.read_text(encoding="utf-8") == operations()


def test_every_known_operation_is_explained_in_the_documentation() -> None:
    """docs/configuration.md has a row for each operation, with its access policies."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8").casefold()
    rows = [(name, found["policyTypes"]) for name, found in json.loads(operations()).items()]

    assert [name for name, types in rows if f"| `{name}` |".casefold() not in page] == []
    assert [one for _, types in rows for one in types if f"`{one}`" not in page] == []


def test_the_published_schema_takes_the_shipped_file_and_refuses_a_broken_one() -> None:
    """The schema accepts the shipped file, and refuses an empty approver list and a misspelled key."""
    published = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(published)
    validator = Draft202012Validator(published)
    broken = json.loads(written((("approvalWorkflows", 0, "approverGroups"), []), (("countersign", "chanels"), [])))

    assert list(validator.iter_errors(json.loads(SHIPPED.read_text(encoding="utf-8")))) == []
    assert {".".join(map(str, error.absolute_path)) for error in validator.iter_errors(broken)} == {
        "approvalWorkflows.0.approverGroups",
        "countersign",
    }


def test_every_key_is_explained_in_the_documentation() -> None:
    """docs/configuration.md names every key of every section."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert [key for key in sorted(keys_of(Config)) if f"`{key}`" not in page] == []


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield every key of a section and of the sections in it, as in the file."""
    for definition in [model.model_json_schema(), *model.model_json_schema()["$defs"].values()]:
        yield from definition.get("properties", ())
