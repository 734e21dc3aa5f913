"""What is done to a device, and how it will be wiped, by everything that the request says."""

import json
from typing import Any

import pytest

from approvals.subject import Wipe
from handlers.gathering.subjects import subject_of
from handlers.gathering.wipes import wipe_of
from handlers.ports.intune import Content
from tests.fakes.intune import wipe as filed

KEPT = Wipe(keeps_user_data=True)
PROTECTED, UNREAD = Wipe(is_protected=True), Wipe(unread=True)
HARSHEST = Wipe(keeps_user_data=True, is_protected=True, obliteration="always")
OPTIONS = {"useProtectedWipe": True, "keepUserData": True, "obliterationBehavior": "always"}
WRITTEN = json.dumps(OPTIONS)


def wiped(payload: Any, **row: Any) -> Wipe | None:
    """Return the wipe that a reviewer reads for this payload."""
    return subject_of(filed(payload=payload, **row), Content()).wipe


def done(**row: Any) -> tuple[str, str]:
    """Return the kind of the target and the action that a reviewer reads for a request with these fields."""
    subject = subject_of(filed(**row), Content())
    return subject.kind, subject.action


@pytest.mark.parametrize(
    ("payload", "wipe"),
    [
        ({"keepUserData": True}, KEPT),
        ({"keepUserData": "True ", "payload": {"KeepUserData": True}}, KEPT),
        ({"keepUserData": True, "payload": {"keepUserData": False}}, Wipe()),
        ({"keepUserData": False, "payload": {"keepUserData": True}}, Wipe()),
        ({"keepUserData": None}, Wipe()),
        ({"keepUserData": 1}, Wipe()),
        ({"useProtectedWipe": False, "payload": {"useProtectedWipe": True}}, Wipe(is_protected=True)),
        (
            {"items": [{"useProtectedWipe": True, "obliterationBehavior": "always"}]},
            Wipe(is_protected=True, obliteration="always"),
        ),
    ],
)
def test_nothing_is_kept_by_half(payload: Any, wipe: Wipe) -> None:
    """If a call is shown twice with different values, the more destructive one counts."""
    assert wiped(payload) == wipe


@pytest.mark.parametrize(
    "payload",
    [
        {"deviceIds": ["d1"], "actionParameters": WRITTEN},
        {"actionParameters": json.dumps(WRITTEN)},
        {"actionParameters": json.dumps({"wipe": json.dumps([WRITTEN])})},
        {"items": [f"\ufeff \n{WRITTEN}"]},
        {"parameters": [{"Name": name, "Value": str(value)} for name, value in OPTIONS.items()]},
        {"parameters": [{"key": name, "value": value} for name, value in OPTIONS.items()]},
        {name.upper(): json.dumps(value) for name, value in OPTIONS.items()},
        {"use-protected-wipe": "on", "keep_user_data": "TRUE", "parameters.obliterationBehavior": " Always "},
        {name: {"@odata.type": "#Any", "value": [value]} for name, value in OPTIONS.items()},
    ],
)
def test_options_count_however_they_are_written(payload: Any) -> None:
    """Options count at any depth, in any casing, as JSON in a string, and as pairs of name and value."""
    assert wiped(payload) == HARSHEST


def test_options_count_in_what_is_changed() -> None:
    """Options count in the changed part of a request, too."""
    assert wiped({}, patch=OPTIONS) == HARSHEST


@pytest.mark.parametrize("off", [False, None, 0, 0.0, "", " ", "False", "0", "no", "off", "null", [], {}])
def test_a_dangerous_option_is_off_only_if_it_clearly_is(off: object) -> None:
    """A protected wipe is off only for a clear no."""
    assert wiped({"useProtectedWipe": off}) == Wipe()


@pytest.mark.parametrize("on", [True, 1, "1", "true", "yes", "enabled", "whatever", {"mode": "x"}, [False, "1"]])
def test_a_dangerous_option_is_on_for_everything_else(on: object) -> None:
    """Every other value of a protected wipe counts as on."""
    assert wiped({"useProtectedWipe": on}) == PROTECTED


@pytest.mark.parametrize("value", [1, "1", "yes", "on", "enabled", "truely", None, [], {}, [True, "no"], {"mode": "x"}])
@pytest.mark.parametrize("option", ["keepUserData", "keepEnrollmentData", "persistEsimDataPlan"])
def test_a_reassuring_option_is_on_only_for_a_clear_yes(option: str, value: object) -> None:
    """Nothing counts as kept without a clear yes, wherever the call says it again."""
    assert wiped({option: value}) == Wipe()
    assert wiped({option: True, "again": json.dumps({option.upper(): value})}) == Wipe()


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([None], ""),
        (["default"], ""),
        (["doNotObliterate"], "doNotObliterate"),
        (["DONOTOBLITERATE", "doNotObliterate"], "doNotObliterate"),
        (["doNotObliterate", "default"], ""),
        (["doNotObliterate", None], ""),
        (["doNotObliterate", "obliterateWithWarning"], "obliterateWithWarning"),
        (["obliterate with warning", "default", "ALWAYS"], "always"),
        (["doNotObliterate,always"], "always"),
        (["destroyAll"], "destroyAll"),
        ([" destroyAll\n", "doNotObliterate"], "destroyAll"),
        (["z", "destroyAll", "always", "obliterateWithWarning"], "always, destroyAll, z"),
        ([3], "3"),
        ([True], "True"),
        (["すべて消去"], "すべて消去"),
        (["!"], "!"),
        (["x" * 1000, "always"], f"always, {'x' * 152}"),
    ],
)
def test_the_worst_that_is_said_of_a_mac_counts(values: list[Any], word: str) -> None:
    """Of several words the worst counts, and unknown ones are kept; "not obliterated" counts only if nothing else is
    said."""
    assert wiped({"calls": [{"obliterationBehavior": value} for value in values]}) == Wipe(obliteration=word)


@pytest.mark.parametrize(("word", "kept"), [("doNotObliterate", True), ("always", True), ("destroyAll", False)])
def test_what_is_kept_beside_a_word_for_a_mac(word: str, *, kept: bool) -> None:
    """Beside an unknown word for what happens to a Mac, nothing counts as kept: the word may mean the opposite."""
    options = {"keepUserData": True, "keepEnrollmentData": True, "persistEsimDataPlan": True}
    assert wipe_of({**options, "obliterationBehavior": word}) == Wipe(kept, kept, kept, obliteration=word)


@pytest.mark.parametrize(
    "payload",
    [
        {"unreadable": "0" * 64},
        {"actionParameters": WRITTEN[:-1]},
        {"actionParameters": "useProtectedWipe=true&keepUserData=false"},
        {"options": ["use-protected-wipe"]},
        {"actionParameters": "[" * 100_000 + '"useProtectedWipe"'},
    ],
)
def test_options_that_cannot_be_read(payload: Any) -> None:
    """If options cannot be read, this is known, and nothing counts as kept."""
    assert wiped(payload) == UNREAD
    assert wiped({"keepUserData": True, "payload": payload}) == UNREAD


def test_deeply_nested_options() -> None:
    """Options count however deeply they are nested."""
    payload: Any = OPTIONS
    for _ in range(5000):
        payload = {"in": [payload]}
    told = json.dumps(OPTIONS)
    for _ in range(8):
        told = json.dumps({"in": told})
    assert wiped({"actionParameters": told}) == HARSHEST
    assert wipe_of(payload) == HARSHEST


ON_DEVICE = "ManagedDevice"


@pytest.mark.parametrize(
    ("row", "action"),
    [
        ({"action": "factoryReset"}, "wipe"),
        ({"action": "FACTORYRESET", "policy_types": ()}, "wipe"),
        ({"action": "removeCompanyData", "policy_types": ("deviceRetire",)}, "retire"),
        ({"action": "remove company data"}, "retire"),
        ({"action": "deviceDelete"}, "delete"),
        ({"action": "rotateKeys"}, "rotatekeys"),
        ({"action": "", "operation": "Wipe", "policy_types": ()}, "wipe"),
    ],
)
def test_intunes_other_names_of_an_action(row: dict[str, Any], action: str) -> None:
    """An action on a device has one name here, whichever name Intune uses."""
    assert done(**row) == (ON_DEVICE, action)


@pytest.mark.parametrize(
    ("action", "policy_types", "kind"),
    [
        ("wipe", ("deviceWipe",), ON_DEVICE),
        ("retire", ("DEVICERETIRE",), ON_DEVICE),
        ("delete", ("deviceDelete",), ON_DEVICE),
        ("deprovision", ("deviceDeprovision",), ON_DEVICE),
        ("rotateKeys", ("deviceAction",), ON_DEVICE),
        ("wipe", (), ON_DEVICE),
        ("delete", (), ON_DEVICE),
        ("removeCompanyData", ("somethingNew",), ON_DEVICE),
        ("wipe", ("app", "deviceWipe"), ON_DEVICE),
        ("delete", ("app",), ""),
        ("", ("somethingNew",), ""),
        ("rotateKeys", (), ""),
    ],
)
def test_a_request_that_does_not_name_its_type(action: str, policy_types: tuple[str, ...], kind: str) -> None:
    """A request without a type is about a device if its access policy says so, or its action and no access policy of
    another type."""
    row = filed(kind="", action=action, policy_types=policy_types, operation="Action")
    assert subject_of(row, Content()).kind == kind


def test_options_of_a_wipe_by_another_name() -> None:
    """The options of a wipe count, whichever name Intune uses for it; no other action has them."""
    assert wiped(OPTIONS, action="factoryReset", kind="") == HARSHEST
    assert wiped(OPTIONS, action="", operation="Wipe", policy_types=()) == HARSHEST
    assert wiped(OPTIONS, action="retire") is None


def test_another_type_keeps_its_own_words() -> None:
    """Names of actions on devices mean nothing for another type of object."""
    assert done(kind="mobileApp", action="factoryReset", policy_types=("app",)) == ("mobileApp", "factoryreset")
    assert done(kind="somethingNew") == ("somethingNew", "wipe")
