"""Rows of requests as Intune may write them: in every reported spelling, and with missing parts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.graph.rows import NEVER, parse_row
from handlers.gathering.subjects import subject_of
from handlers.ports.errors import Unavailable
from handlers.ports.intune import Content, Identity

FILED = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def wipe(**differences: Any) -> dict[str, Any]:
    """Return a pending wipe with every field that a row was seen to have, and these differences."""
    device = {"deviceName": "PC-1", "serialNumber": "SN1", "actionName": "wipe", "deviceId": "d1", "primaryUser": None}
    return {
        "id": "r1",
        "requestDateTime": "2026-11-23T08:00:00Z",
        "expirationDateTime": "2026-11-26T08:00:00.1234567Z",
        "lastModifiedDateTime": "2026-11-23T09:00:00Z",
        "status": "needsApproval",
        "requestor": {"application": None, "device": None, "user": {"id": "u1", "displayName": "Rita"}},
        "approver": None,
        "requestJustification": "stolen",
        "approvalJustification": None,
        "requiredOperationApprovalPolicyTypes": ["deviceWipe"],
        "payloadType": "Microsoft.Management.Services.Api.ManagedDevice",
        "payloadOperation": "Action",
        "payloadId": "d1",
        "payloadName": "PC-1",
        "actionName": "wipe",
        "actionParameters": '{"keepUserData":false,"macOsUnlockCode":"123456"}',
        "displayPayload": json.dumps([device]),
    } | differences


def test_a_wipe() -> None:
    """A full row is read with everything that a reviewer needs."""
    row = parse_row(wipe())
    assert (row.id, row.raw_status, row.policy_types) == ("r1", "needsApproval", ("deviceWipe",))
    assert (row.kind, row.operation, row.action) == ("ManagedDevice", "Action", "wipe")
    assert (row.target_id, row.target) == ("d1", "PC-1")
    assert row.devices == ({"deviceName": "PC-1", "serialNumber": "SN1", "actionName": "wipe", "deviceId": "d1"},)
    assert row.requestor == Identity("u1", "Rita", is_person=True)
    assert row.approver is None
    assert (row.justification, row.approval_note) == ("stolen", "")
    assert (row.filed_at, row.modified_at) == (FILED, FILED + timedelta(hours=1))
    assert row.expires_at.microsecond == 123456


@pytest.mark.parametrize("written", [None, "", "soon", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+02:00"])
def test_a_time_that_nobody_knows(written: str | None) -> None:
    """A time that is missing, unreadable or in the year 1 is read as unknown."""
    assert parse_row(wipe(lastModifiedDateTime=written)).modified_at is None


@pytest.mark.parametrize(
    "written",
    [
        "0001-01-01T00:00:00.0000000-08:00",
        "1601-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59.999999999999-05:00",
        "10000-01-01T00:00:00Z",
    ],
)
def test_the_ends_of_the_calendar_are_no_times(written: str) -> None:
    """A time at either end of the calendar is read as unknown, in any zone and with any number of digits."""
    row = parse_row(wipe(lastModifiedDateTime=written, requestDateTime=written))
    assert (row.modified_at, row.filed_at) == (None, NEVER)


@pytest.mark.parametrize(
    "written",
    [
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59-05:00",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "soon",
        "",
        None,
    ],
)
def test_a_request_without_an_end_gets_one(written: str | None) -> None:
    """A request whose end is unknown, endless or before its filing gets an end 30 days after its filing: an unknown
    time must not end what still waits."""
    assert parse_row(wipe(expirationDateTime=written)).expires_at == FILED + timedelta(days=30)


def test_a_request_without_any_time() -> None:
    """A request that says neither when it was filed nor when it ends counts as ended."""
    assert parse_row(wipe(expirationDateTime=None, requestDateTime=None)).expires_at == NEVER
    assert parse_row({"id": "r1", "requestDateTime": "soon"}).expires_at == NEVER


@pytest.mark.parametrize("part", ["actionParameters", "payload"])
@pytest.mark.parametrize("as_text", [True, False])
def test_unlock_codes_never_get_in(part: str, as_text: bool) -> None:
    """Unlock codes and pins are hidden, and settings with "password" in their name that are no secrets are kept."""
    held = {"keep": [{"macOSUnlockCode": "123456", "pin": 1234}], "passwordRequired": True, "password": False}
    row = parse_row(wipe(actionParameters=None) | {part: json.dumps(held) if as_text else held})
    hidden = {"macOSUnlockCode": "(not shown)", "pin": "(not shown)"}
    assert row.payload == {"keep": [hidden], "passwordRequired": True, "password": False}


def test_a_secret_of_the_settings_catalogue_never_gets_in() -> None:
    """A secret value of the settings catalogue is hidden by its type."""
    secret = {"@odata.type": "#microsoft.graph.deviceManagementConfigurationSecretSettingValue", "value": "hunter2"}
    assert "hunter2" not in repr(parse_row(wipe(patchPayload={"settings": [secret]})))


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ({"user": {"id": "u1", "upn": "r@x"}}, Identity("u1", "r@x", is_person=True)),
        ({"user": {"Id": "u1", "Upn": "r@x"}}, Identity("u1", "r@x", is_person=True)),
        ({"User": {"ID": "u1", "displayname": "Rita"}}, Identity("u1", "Rita", is_person=True)),
        ({"user": {"userPrincipalName": "r@x", "id": None}}, Identity("r@x", "r@x", is_person=True)),
        ({"application": {"id": "a1", "displayName": "Robot"}, "user": None}, Identity("a1", "Robot", is_person=False)),
        ({"application": {"id": "a1"}, "user": {"id": "u1"}}, Identity("u1", "", is_person=True)),
        ({"application": None, "device": None, "user": None}, None),
        ({"user": {"id": "00000000-0000-0000-0000-000000000000"}}, None),
        ({"user": "r@x"}, None),
        ({}, None),
        ([], None),
        ("Rita", None),
        (None, None),
    ],
)
def test_who_it_was(who: Any, found: Identity | None) -> None:
    """Names are read in any casing; a person is preferred to the application, and an unnamed requestor is `None`."""
    row = parse_row(wipe(requestor=who, approver=who))
    assert (row.requestor, row.approver) == (found, found)


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("canceled", "cancelled"),
        ("cancelled", "cancelled"),
        ("NeedsApproval", "needsApproval"),
        ("inReview", "inReview"),
        ("unknownFutureValue", "unknownFutureValue"),
        (None, ""),
    ],
)
def test_words_for_the_status(written: str | None, status: str) -> None:
    """A known status is read in Graph's spelling, and an unknown one is kept as it is."""
    assert parse_row(wipe(status=written)).raw_status == status


def test_policy_types_are_open() -> None:
    """Unknown policy types are kept, the older name of the list is read, and anything but a list is empty."""
    assert parse_row(wipe(requiredOperationApprovalPolicyTypes=["somethingNew"])).policy_types == ("somethingNew",)
    older = wipe(requiredApprovalRequestPolicies=["script"])
    del older["requiredOperationApprovalPolicyTypes"]
    assert parse_row(older).policy_types == ("script",)
    assert parse_row(wipe(requiredOperationApprovalPolicyTypes="deviceWipe")).policy_types == ()


@pytest.mark.parametrize(
    ("policy", "action"),
    [("deviceWipe", "wipe"), ("deviceRetire", "retire"), ("deviceDelete", "delete"), ("script", "")],
)
def test_the_action_follows_from_the_policy(policy: str, action: str) -> None:
    """If the row names no action, the action follows from the policy type."""
    row = parse_row(wipe(actionName=None, requiredOperationApprovalPolicyTypes=[policy]))
    assert row.action == action


def test_names_that_stand_elsewhere() -> None:
    """Target and kind are found in the other fields where some rows have them."""
    row = parse_row(wipe(payloadName="", payloadId=None, payloadType=None, payloadSubtype="#microsoft.graph.Thing"))
    assert (row.target, row.target_id, row.kind) == ("PC-1", "d1", "Thing")
    assert parse_row(wipe(payloadName=None, displayName="Named")).target == "Named"


def test_several_devices_are_no_single_target() -> None:
    """A bulk action has all its devices and no single target."""
    devices = [{"deviceName": "A", "deviceId": "1"}, {"deviceName": "B", "deviceId": "2"}]
    row = parse_row(wipe(payloadName=None, payloadId=None, displayPayload=devices))
    assert (row.target, row.target_id, len(row.devices)) == ("", "", 2)


@pytest.mark.parametrize(
    ("payload", "parameters", "operation", "read"),
    [
        ('{"a":1}', None, "Create", {"a": 1}),
        ({"a": 1}, None, "Create", {"a": 1}),
        ("[1]", None, "Create", {"items": [1]}),
        (None, '{"b":2}', "Action", {"b": 2}),
        ('{"a":1}', {"b": 2}, "Action", {"b": 2, "payload": {"a": 1}}),
        ('{"a":1}', {"b": 2}, "Assign", {"a": 1, "actionParameters": {"b": 2}}),
        (None, None, "Create", {}),
        ("", "", "Create", {}),
    ],
)
def test_what_is_held(payload: Any, parameters: Any, operation: str, read: dict[str, Any]) -> None:
    """The held payload is read as object or as text, together with the parameters of the action."""
    row = parse_row(wipe(payload=payload, actionParameters=parameters, payloadOperation=operation))
    assert row.payload == read


def test_what_cannot_be_read_still_binds() -> None:
    """Two payloads that are no JSON are different payloads, and neither is shown."""
    one, other = (parse_row(wipe(payload=text, actionParameters=None)).payload for text in ("<xml 1/>", "<xml 2/>"))
    assert one != other
    assert "xml" not in repr(one)


def test_changes_and_assignments() -> None:
    """Changes and assignments are read as text and as lists."""
    row = parse_row(wipe(patchPayload='{"name":"new"}', addedAssignments='[{"x":1}]', existingAssignments={"y": 2}))
    assert (row.patch, row.added, row.existing) == ({"name": "new"}, ({"x": 1},), ({"y": 2},))


def test_a_row_of_documented_properties_alone() -> None:
    """A row with documented fields only is still a request."""
    documented = {name: value for name, value in wipe().items() if name in {"id", "status", "requestDateTime"}}
    row = parse_row(documented)
    assert (row.id, row.kind, row.target, row.devices, row.payload) == ("r1", "", "", (), {})


def test_a_request_without_an_id_is_none() -> None:
    """A row without an id is refused."""
    with pytest.raises(Unavailable):
        parse_row(wipe(id=None))


@pytest.mark.parametrize("junk", [1, [], "x", "\ud800", {"a": {"b": []}}, True])
def test_nothing_breaks_the_reading(junk: Any) -> None:
    """A row can be read whatever value one of its fields has."""
    for name in wipe():
        if name != "id":
            assert parse_row(wipe(**{name: junk})).id == "r1"


@pytest.mark.parametrize("depth", [65, 900, 100_000])
def test_what_nobody_nests_so_deeply_still_binds(depth: int) -> None:
    """A payload that is nested too deeply is unreadable, and two such payloads are different."""
    payloads = [f"{'[' * depth}{inner}{']' * depth}" for inner in ("1", "2")]
    first, second = (parse_row({"id": "r1", "payload": payload}).payload for payload in payloads)
    assert set(first) == {"unreadable"}
    assert first != second
    assert subject_of(parse_row({"id": "r1", "payload": payloads[0]}), Content()).digest()


def test_a_time_before_all_time_is_none() -> None:
    """The year 1 in a zone ahead of UTC is read as unknown."""
    assert parse_row({"id": "r1", "requestDateTime": "0001-01-01T00:00:00+01:00"}).filed_at == NEVER
