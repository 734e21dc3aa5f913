"""What a card shows first and what it leaves to Details: no hashes before the rest, and nothing said twice."""

from dataclasses import replace

import pytest

from approvals.subject import (
    Device,
    Fact,
    Fate,
    Permissions,
    Purpose,
    Reach,
    Relation,
    Script,
    Setting,
    Subject,
    Target,
    TargetKind,
    Words,
)
from cards.labels import label
from cards.request_card import BODY_BYTES, draw, weight
from cards.reviewing import lines
from cards.view import CardStep, DevicePage, ListedDevice, View, Viewer
from tests.cards.reading import text
from tests.samples.gallery import WAITING

OLD, NEW = "ab" * 32, "cd" * 32
CHANGED = Script("rules[1].scriptContent", NEW, 7, OLD, Purpose.DETECTION, "", Fate.CHANGED)
ELIGIBLE = View(Viewer.ELIGIBLE)
DETAILS = View(Viewer.ELIGIBLE, CardStep.DETAILS)


def card(view: View, *facts: Fact, action: str = "update", **more: object) -> str:
    """Return all text of the card for a change of an app called X."""
    what = Subject(("app",), "MobileApp", action, "1", "X", "0" * 64, facts=facts)
    return text(draw(replace(WAITING, subject=replace(what, **more)), view))  # type: ignore[arg-type]


# --- hashes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [CardStep.REQUEST, CardStep.APPROVE, CardStep.REJECT])
def test_a_hash_pushes_nothing_away(step: CardStep) -> None:
    """Outside Details a script is called changed, with its length; the card says once that its hash is in Details."""
    said = card(View(Viewer.ELIGIBLE, step), CHANGED, Setting("commandLine", "new.exe", "old.exe", Fate.CHANGED))
    assert "changed, 7 lines" in said
    assert OLD not in said
    assert NEW not in said
    assert said.count("SHA-256") == 1
    assert "Every SHA-256 is under Details." in said


@pytest.mark.parametrize(
    ("one", "brief"),
    [
        (replace(CHANGED, fate=Fate.ADDED, before=""), "new, 7 lines"),
        (replace(CHANGED, fate=Fate.STANDS, before="", lines=1), "1 line"),
        (replace(CHANGED, fate=Fate.REMOVED, before=""), "removed"),
        (replace(CHANGED, lines=None), "changed, not readable"),
        (replace(CHANGED, about="Enough room"), "Enough room: changed, 7 lines"),
        (Setting("icon", f"sha256:{NEW}:2", f"sha256:{OLD}:3", Fate.CHANGED), "changed, 2 lines"),
        (Setting("icon", f"sha256:{NEW}:2"), "2 lines"),
        (Setting("icon", "", f"sha256:{OLD}:3", Fate.REMOVED), "removed"),
    ],
)
def test_a_script_in_brief(one: Fact, brief: str) -> None:
    """The short form of a script says what happens to it and how long it is."""
    what = Subject(("app",), "MobileApp", "update", "1", "X", "0" * 64, facts=(one,))
    assert [line.brief for line in lines(what)] == [brief]


def test_under_details_a_hash_is_whole() -> None:
    """Under Details hashes are complete, old and new, however many lines there are: a part of a hash proves nothing."""
    many = [Setting(f"someLongNameOfASetting{number}", "value " * 30) for number in range(39)]
    said = card(DETAILS, CHANGED, *many)
    assert f"SHA-256 {OLD} → 7 lines, SHA-256 {NEW}" in said


# --- labels -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("runAsAccount", "Run as account"),
        ("outOfBoxExperienceSetting.userType", "Out of box experience setting: user type"),
        ("omaSettings[2].value", "OMA settings 2: value"),
        ("com.apple.wifi.managed_password", "Com.apple.wifi.managed_password"),
        ("device_vendor_msft_camera", "Device_vendor_msft_camera"),
        ("bitLockerEnabled", "BitLocker enabled"),
        ("osMinimumVersion", "OS minimum version"),
        ("runAs32Bit", "Run as 32 bit"),
    ],
)
def test_the_way_to_a_setting_is_read_as_words(name: str, words: str) -> None:
    """The path of a setting is shown as words; a name that is a code stays as it is."""
    assert label(name) == words


def test_an_object_that_is_bound_is_known_by_its_id() -> None:
    """A linked object is shown by its id, without Graph's own address around it; other addresses stay."""
    address = "https://graph.microsoft.com/beta/deviceManagement/roleDefinitions('r1')"
    bound = Setting("roleDefinition@odata.bind", address)
    elsewhere = Setting("other@odata.bind", "https://evil.example/('r1')/x")
    said = card(ELIGIBLE, bound, elsewhere)
    assert "Role definition\nr1\n" in said
    assert "https://evil.example/('r1')/x" in said


def test_a_way_of_definitions_is_read_as_words() -> None:
    """The path in a definition's name is shown as words too."""
    one = Setting("f[1].n", "Mail", fate=Fate.ADDED, words=Words("Firewall rules[1] > Name", "Mail"))
    assert "Firewall rules 1: Name" in card(ELIGIBLE, one)


def test_no_label_is_cut() -> None:
    """No label is cut: where room is short there are fewer lines, and the card says how many are missing."""
    many = [Setting(f"detectionRules[{n}].enforceSignatureCheckOfTheRule", "v" * 200) for n in range(1, 41)]
    drawn = card(DETAILS, *many)
    assert "Detection rules 1: enforce signature check of the rule" in drawn
    assert "enforce signature check of the…" not in drawn
    assert "more lines in Intune." in drawn


def test_a_long_label_stands_above_its_value() -> None:
    """A long label stands above its value, because beside it, on a phone, it would be broken at every word."""
    name = "platformRestriction.personalDeviceEnrollmentBlocked"
    what = Subject(
        ("app",),
        "MobileApp",
        "update",
        "1",
        "X",
        "0" * 64,
        facts=(Setting(name, "false", "true", Fate.CHANGED), Setting("publisher", "B", "A", Fate.CHANGED)),
    )
    body = draw(replace(WAITING, subject=what), DETAILS)["body"]
    [listed] = [part["items"] for part in body if part["type"] == "Container" and part.get("separator")]
    assert [part["type"] for part in listed] == ["TextBlock", "TextBlock", "ColumnSet"]
    assert listed[0]["text"] == "Platform restriction: personal device enrollment blocked"
    assert listed[1]["text"] == "yes → no"


def test_details_use_the_room_that_no_refresh_takes() -> None:
    """Details may be larger than other views, because they have no refresh."""
    many = [Setting(f"setting{n}", "value") for n in range(34)]
    what = Subject(("app",), "MobileApp", "update", "1", "X", "0" * 64, facts=tuple(many))
    assert weight(draw(replace(WAITING, subject=what), DETAILS)) > BODY_BYTES


# --- nothing is said twice ----------------------------------------------------------------------------------------


def test_what_was_not_set_before_is_told_from_old_to_new() -> None:
    """An added setting is shown as a change from none, so that it does not look as if it was already there."""
    assert "none → Mail" in card(ELIGIBLE, Setting("name", "Mail", fate=Fate.ADDED))


@pytest.mark.parametrize("hidden", [{"unread": ("object",)}, {"kind": "QuantumPolicy", "policy_types": ("quantum",)}])
def test_what_nobody_could_compare_is_not_said_to_be_new(hidden: dict[str, object]) -> None:
    """Where the object could not be compared, a value is not called new, because another one may be there now."""
    facts = (
        Permissions(("Microsoft.Intune_Roles_Read",), Fate.ADDED),
        Permissions((), Fate.REMOVED),
        Setting("publisher", "B", fate=Fate.ADDED),
        replace(CHANGED, before="", fate=Fate.ADDED),
    )
    for view in (ELIGIBLE, DETAILS):
        said = card(view, *facts, **hidden)  # type: ignore[arg-type]
        assert "none" not in said.replace("none given", "")
        assert "new, " not in said
        assert "Permissions added" not in said
        assert "Permissions" in said


def test_the_name_in_the_title_is_not_said_again() -> None:
    """The name in the title is not repeated as a setting; another name is shown."""
    assert "Display name" not in card(ELIGIBLE, Setting("displayName", "X"), action="create")
    assert "Display name" in card(ELIGIBLE, Setting("displayName", "Y"), action="create")
    assert "Display name" in card(ELIGIBLE, Setting("displayName", "X", "W", Fate.CHANGED))


def test_groups_that_are_told_by_name_are_not_listed_by_id() -> None:
    """Groups that are shown by name are not listed by id; an id that nothing else shows is listed."""
    night = Reach(Relation.HOLDS, Target(TargetKind.GROUP, "g1", "Night-Shift", "security group", 1))
    assert "Members" not in card(ELIGIBLE, Setting("members", "g1"), reaches=(night,))
    assert "Members" in card(ELIGIBLE, Setting("members", "g1, g2"), reaches=(night,))


def test_a_script_in_a_setting_is_told_as_a_script_alone() -> None:
    """A script in a setting is shown only as a script; a setting with other text is shown as well."""
    same = Setting("linux_script", f"sha256:{NEW}:7", f"sha256:{OLD}:2", Fate.CHANGED, Words("The script"))
    assert "The script" not in card(ELIGIBLE, CHANGED, same)
    assert "The script" in card(ELIGIBLE, CHANGED, replace(same, value=f"sha256:{'ef' * 32}:7"))


def test_permissions_are_words_and_under_details_codes_as_well() -> None:
    """Permissions are shown in words, named as in Intune; under Details their codes are shown too."""
    more = Permissions(("Microsoft.Intune_RemoteTasks_RemoteLock", "not Microsoft.Intune_Roles_Read"), Fate.ADDED)
    odd = Permissions(("Another.Thing",), Fate.REMOVED)
    said = card(ELIGIBLE, more, odd)
    assert "Remote tasks: remote lock, not Roles: read" in said
    assert "Another.Thing" in said
    assert "Microsoft.Intune" not in said
    assert "Microsoft.Intune_RemoteTasks_RemoteLock" in card(DETAILS, more, odd)


@pytest.mark.parametrize(
    ("purposes", "title"),
    [
        ([Purpose.CONFIGURATION], "Configuration"),
        ([Purpose.DETECTION], "Detection script"),
        ([Purpose.DETECTION, Purpose.INSTALL], "Scripts"),
    ],
)
def test_the_text_is_called_what_it_is(purposes: list[Purpose], title: str) -> None:
    """The heading of a text names its purpose: the layout of a start menu is not called a script."""
    facts = [Script(f"p{number}", NEW, 1, purpose=one) for number, one in enumerate(purposes)]
    drawn = draw(
        replace(WAITING, subject=Subject(("app",), "MobileApp", "update", "1", "X", "0" * 64, facts=tuple(facts))),
        replace(DETAILS, script="<xml/>"),
    )
    assert [part["text"] for part in drawn["body"] if part.get("style") == "heading"] == [title]


# --- many devices -------------------------------------------------------------------------------------------------


def test_the_way_through_many_devices_stands_under_them() -> None:
    """The buttons for more devices are below the list: one row would be too long (atc0005/go-teams-notify#161)."""
    devices = tuple(Device(f"d{n}", f"PC-{n}") for n in range(3))
    what = Subject(("deviceWipe",), "ManagedDevice", "wipe", "", "", "0" * 64, devices=devices, device_count=500)
    page = DevicePage((ListedDevice("PC-1"),), 1, 34, 16)
    drawn = draw(
        replace(WAITING, subject=what), replace(DETAILS, devices=page, may_break=True, portal_url="https://i.example")
    )
    [way] = [part for part in drawn["body"] if part["type"] == "ActionSet"]
    assert [action["title"] for action in way["actions"]] == ["Previous", "Next"]
    assert [action["title"] for action in drawn["actions"]] == [
        "Back",
        "It cannot wait",
        "Break glass",
        "Open in Intune",
    ]
    assert "and 497 more" not in text(drawn)
