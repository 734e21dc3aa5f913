"""The options of a wipe decide what is lost. The card of a wipe from the portal says what is kept."""

import json
from typing import Any

import pytest

from tests.office import Office, text_of

LOST = "everything that is stored only on it are lost"


@pytest.mark.parametrize(
    ("options", "said", "not_said"),
    [
        ({}, LOST, "is kept"),
        ({"keepUserData": False}, LOST, "is kept"),
        ({"keepUserData": True}, "the user's own data on it is kept", LOST),
        ({"keepEnrollmentData": True, "keepUserData": True}, "It stays enrolled", LOST),
        ({"useProtectedWipe": True}, "cannot be stopped by switching the device off", "is kept"),
        ({"persistEsimDataPlan": True}, "eSIM plan is kept", "stays enrolled"),
        ({"obliterationBehavior": "always"}, "its system is erased as well", "is kept"),
        ({"obliterationBehavior": "destroyAll"}, "The option for a Mac is “destroyAll”", "is kept"),
        ({"macOsUnlockCode": "273849", "keepUserData": False}, LOST, "273849"),
    ],
)
async def test_what_is_lost(day: Office, options: dict[str, Any], said: str, not_said: str) -> None:
    """The card and the second step say what is lost, and show no PIN."""
    day.tenant.portal.file_wipe("rita", "PC-1", "Stolen", **options)
    await day.poll()
    step = await day.click("dana", "approve", day.card())

    for card in (day.card().card, step.card):
        assert said in text_of(card)
        assert not_said not in text_of(card)


HARSH = {"useProtectedWipe": True, "keepUserData": True, "obliterationBehavior": "always"}
DANGERS = ("may leave it unable to start", "its system is erased as well", "On a Mac nothing is kept")


async def shown(day: Office, **fields: Any) -> str:
    """Return the text of the card and the second step of a wipe that Intune shows with these fields."""
    return await cards(day, **fields) + text_of((await day.click("dana", "approve", day.card())).card)


async def cards(day: Office, **fields: Any) -> str:
    """Return the text of every card of a wipe that Intune shows with these fields."""
    filed = day.tenant.portal.file_wipe("rita", "PC-1", "Stolen")
    day.tenant.graph.knobs.shown_fields[filed] = fields
    await day.poll()
    return "".join(text_of(one.card) for one in day.requests())


@pytest.mark.parametrize("parameters", [json.dumps(HARSH), json.dumps(json.dumps(HARSH)), [json.dumps(HARSH)]])
async def test_options_in_a_text(day: Office, parameters: Any) -> None:
    """Options that stand as JSON in a string within the call are said."""
    said = await shown(day, actionParameters=None, payload={"deviceIds": [], "actionParameters": parameters})
    assert all(said.count(danger) == 2 for danger in DANGERS)
    assert LOST not in said


@pytest.mark.parametrize(
    ("options", "said", "not_said"),
    [
        ({"useProtectedWipe": "1"}, "cannot be stopped by switching the device off", "is kept"),
        ({"keepUserData": "1"}, LOST, "is kept"),
        ({"keepUserData": True, "KeepUserData": False}, LOST, "is kept"),
        ({"keepEnrollmentData": True, "keepUserData": "False"}, "It stays enrolled", "is kept"),
    ],
)
async def test_options_in_other_words(day: Office, options: dict[str, Any], said: str, not_said: str) -> None:
    """Of what is not clear, the more destructive reading is said."""
    told = await shown(day, actionParameters=options)
    assert told.count(said) == 2
    assert not_said not in told


async def test_options_that_nobody_can_read(day: Office) -> None:
    """If the options of a wipe cannot be read, the card says so."""
    said = await shown(day, actionParameters=None, payload={"actionParameters": json.dumps(HARSH)[:-1]})
    assert said.count("Some of its options could not be read") == 2
    assert "is kept" not in said


@pytest.mark.parametrize(
    "fields",
    [
        {"payloadType": None},
        {"payloadType": None, "payloadSubtype": None, "actionName": "factoryReset"},
        {"payloadType": None, "actionName": None},
        {"actionName": "factoryReset"},
    ],
)
async def test_a_wipe_by_another_name(day: Office, fields: dict[str, Any]) -> None:
    """A wipe is called a wipe of this device, whatever Intune calls it, and its options are said."""
    said = await shown(day, actionParameters=HARSH, **fields)
    assert "Wipe PC-1" in said
    assert "not known here" not in said
    assert all(danger in said for danger in DANGERS)


async def test_options_of_many(day: Office) -> None:
    """The options of a request for many devices are said as well, if they stand as JSON in a string and Intune does not
    name the type."""
    call = {"deviceIds": ["11111111-1111-4111-8111-111111111111"], "actionParameters": json.dumps(HARSH)}
    said = await shown(day, payloadType=None, actionParameters=None, payload=call)
    assert "Wipe 2 devices" in said
    assert "All 2 devices are reset. Apps and settings are lost; their users' own data on them is kept" in said
    assert "may leave some unable to start" in said
    assert "On a Mac nothing is kept" in said


@pytest.mark.parametrize(
    ("action", "policy_type", "title", "said"),
    [
        ("removeCompanyData", "deviceRetire", "Retire PC-1", "Personal data stays"),
        ("delete", "deviceDelete", "Delete PC-1", "The device disappears from Intune"),
        ("deprovision", "deviceDeprovision", "Deprovision PC-1", "taken out of management"),
    ],
)
async def test_other_actions_without_a_type(day: Office, action: str, policy_type: str, title: str, said: str) -> None:
    """Every action on a device is called by its name, also if Intune does not name the type."""
    types = [policy_type]
    fields = {"payloadType": None, "actionName": action, "requiredOperationApprovalPolicyTypes": types}
    told = await cards(day, actionParameters=None, **fields)
    assert title in told
    assert said in told
    assert "not known here" not in told
