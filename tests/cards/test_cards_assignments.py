"""The words for what an assignment does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from approvals.subject import Fate, Reach, Relation, Setting, Subject, Target, TargetKind
from cards import words
from cards.reviewing import lines
from cards.stakes import stakes
from cards.text import moment, told

ALL_DEVICES, ALL_USERS = Target(TargetKind.ALL_DEVICES), Target(TargetKind.ALL_USERS)
UNKNOWN = Target(TargetKind.UNKNOWN, "type: allDevices")
A, B = (Target(TargetKind.GROUP, name.lower(), name, "security group", 4) for name in "AB")
TO_A = Reach(Relation.REACHES, A)
TIMES, RESTART = "settings.installTimeSettings.", "settings.restartSettings."
DAILY, HOURLY, ONCE = (f"deviceHealthScript{kind}Schedule" for kind in ("Daily", "Hourly", "RunOnce"))
RULE, FILTER = '(device.model -eq "K1")', "deviceAndAppManagementAssignmentFilterType"


def reach(target: Target = A, fate: Fate = Fate.ADDED, *, out: bool = False, intent: str = "") -> Reach:
    """Return an assignment of this target, with this fate and intent."""
    return doing({"intent": intent} if intent else {}, Reach(Relation.REACHES, target, fate, out))


def doing(how: Mapping[str, str], one: Reach = TO_A) -> Reach:
    """Return the assignment with these traits."""
    return replace(one, how=tuple(Setting(name, value) for name, value in how.items()))


def assigned(*reaches: Reach, kind: str = "MobileApp", name: str = "Viewer") -> Subject:
    """Return the subject of a change with these assignments."""
    return Subject(("app",), kind, "assign", "id-1", name, "0" * 64, reaches=reaches)


def changed(name: str, before: str, after: str) -> Setting:
    """Return a setting that changes from an old value to a new one."""
    fate = Fate.CHANGED if before and after else Fate.ADDED if after else Fate.REMOVED
    return Setting(name, after, before, fate)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"intent": "uninstall"}, "Uninstall"),
        ({"intent": "required"}, "Required"),
        ({"intent": "available"}, "Available"),
        ({"intent": "availableWithoutEnrollment"}, "Available without enrollment"),
        ({"intent": "somethingNew"}, "intent: somethingNew"),
        (
            {FILTER: "include", "filterName": "Kiosks", "filterRule": RULE},
            f"only devices for which {RULE} (filter Kiosks)",
        ),
        (
            {FILTER: "exclude", "filterName": "Kiosks", "filterRule": RULE},
            f"not devices for which {RULE} (filter Kiosks)",
        ),
        (
            {FILTER: "include", "filterName": "f1"},
            "only devices for which a rule holds that could not be read (filter f1)",
        ),
        ({FILTER: "x", "filterName": "f1", "filterRule": RULE}, f"cut by filter f1 in an unknown way: {RULE}"),
        ({"runRemediationScript": "true"}, "detects and repairs"),
        ({"runRemediationScript": "false"}, "detects only"),
        ({"runRemediationScript": "True"}, "detects and repairs"),
        ({"runRemediationScript": "FALSE"}, "detects only"),
        ({"runRemediationScript": "perhaps"}, "run remediation script: perhaps"),
        ({"runSchedule.@odata.type": HOURLY, "runSchedule.interval": "1"}, "every hour"),
        ({"runSchedule.@odata.type": HOURLY, "runSchedule.interval": "8"}, "every 8 hours"),
        (
            {"runSchedule.@odata.type": DAILY, "runSchedule.interval": "2", "runSchedule.time": "8:5:0.0000000"},
            "every 2 days at 08:05 by the device's clock",
        ),
        (
            {"runSchedule.@odata.type": DAILY, "runSchedule.time": "20:00:00", "runSchedule.useUtc": "true"},
            "every day at 20:00 UTC",
        ),
        (
            {"runSchedule.@odata.type": DAILY, "runSchedule.time": "20:00:00", "runSchedule.useUtc": "True"},
            "every day at 20:00 UTC",
        ),
        (
            {"runSchedule.@odata.type": HOURLY, "runSchedule.useUtc": "perhaps"},
            "run schedule: deviceHealthScriptHourlySchedule; use utc: perhaps",
        ),
        ({"runSchedule.@odata.type": DAILY}, "every day"),
        (
            {"runSchedule.@odata.type": ONCE, "runSchedule.date": "2026-12-01", "runSchedule.time": "20:00:00"},
            "once on 2026-12-01 at 20:00 by the device's clock",
        ),
        (
            {
                "runSchedule.@odata.type": ONCE,
                "runSchedule.date": "2026-12-01",
                "runSchedule.time": "20:00:00",
                "runSchedule.useUtc": "true",
            },
            "once on 2026-12-01 20:00 UTC",
        ),
        (
            {
                "runSchedule.@odata.type": ONCE,
                "runSchedule.date": "2026-12-01",
                "runSchedule.time": "20:00:00",
                "runSchedule.useUtc": "TRUE",
            },
            "once on 2026-12-01 20:00 UTC",
        ),
        ({"runSchedule.@odata.type": ONCE}, "once"),
        ({"runSchedule.@odata.type": "weekly", "runSchedule.interval": "1"}, "run schedule: weekly; interval: 1"),
        ({f"{TIMES}deadlineDateTime": "2026-12-01T20:00:00Z"}, "deadline 2026-12-01 20:00 UTC"),
        (
            {f"{TIMES}deadlineDateTime": "2026-12-01T20:00:00Z", f"{TIMES}useLocalTime": "true"},
            "deadline 2026-12-01 20:00 by the device's clock",
        ),
        (
            {f"{TIMES}startDateTime": "2026-12-01T20:00:00Z", f"{TIMES}useLocalTime": "false"},
            "from 2026-12-01 20:00 UTC",
        ),
        (
            {f"{TIMES}deadlineDateTime": "2026-12-01T20:00:00Z", f"{TIMES}useLocalTime": "True"},
            "deadline 2026-12-01 20:00 by the device's clock",
        ),
        (
            {f"{TIMES}startDateTime": "2026-12-01T20:00:00Z", f"{TIMES}useLocalTime": "perhaps"},
            "start date time: 2026-12-01T20:00:00Z; use local time: perhaps",
        ),
        ({f"{TIMES}deadlineDateTime": "soon"}, "deadline soon"),
        ({f"{TIMES}deadlineDateTime": "0001-01-01T00:00:00Z"}, "deadline never"),
        ({f"{TIMES}deadlineDateTime": "2026-12-01T22:00:00+02:00"}, "deadline 2026-12-01 20:00 UTC"),
        ({f"{TIMES}useLocalTime": "true"}, "use local time: yes"),
        ({f"{RESTART}gracePeriodInMinutes": "1440"}, "restarts 24 hours after the installation"),
        (
            {
                f"{RESTART}gracePeriodInMinutes": "90",
                f"{RESTART}countdownDisplayBeforeRestartInMinutes": "1",
                f"{RESTART}restartNotificationSnoozeDurationInMinutes": "60",
            },
            "restarts 90 minutes after the installation, with a countdown of 1 minute, may be put off by 1 hour",
        ),
        ({"settings.notifications": "hideAll"}, "no notices are shown"),
        ({"settings.uninstallOnDeviceRemoval": "true"}, "uninstalled when the device is removed"),
        ({"settings.uninstallOnDeviceRemoval": "false"}, "stays when the device is removed"),
        ({"settings.isRemovable": "false"}, "users cannot remove it"),
        ({"settings.isRemovable": "True"}, "users may remove it"),
        ({"settings.uninstallOnDeviceRemoval": "False"}, "stays when the device is removed"),
        ({"settings.deliveryOptimizationPriority": "foreground"}, "delivery optimization priority: foreground"),
        ({"source": "policySets", "sourceId": "p1"}, "from a policy set"),
        ({"source": "somethingNew", "sourceId": "p1"}, "source: somethingNew; source id: p1"),
    ],
)
def test_each_trait_has_words(how: dict[str, str], said: str) -> None:
    """Each trait has words; a trait without words is shown as it is, and none is left out."""
    [line] = lines(assigned(doing(how)))
    assert line.value == f"A (security group, 4 members); {said}"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ([changed("intent", "available", "uninstall")], "Available → Uninstall"),
        (
            [changed(FILTER, "include", ""), changed("filterName", "K", ""), changed("filterRule", RULE, "")],
            f"only devices for which {RULE} (filter K) → none",
        ),
        (
            [Setting(FILTER, "include"), Setting("filterName", "K"), changed("filterRule", "(a)", "(b)")],
            "only devices for which (a) (filter K) → only devices for which (b) (filter K)",
        ),
        ([changed("runRemediationScript", "false", "true")], "detects only → detects and repairs"),
        (
            [changed("runSchedule.@odata.type", DAILY, HOURLY), changed("runSchedule.time", "08:00:00", "")],
            "every day at 08:00 by the device's clock → every hour",
        ),
        (
            [changed(f"{TIMES}deadlineDateTime", "2026-12-01T20:00:00Z", "2026-11-24T20:00:00Z")],
            "deadline 2026-12-01 20:00 UTC → deadline 2026-11-24 20:00 UTC",
        ),
        ([changed(f"{RESTART}gracePeriodInMinutes", "", "60")], "none → restarts 1 hour after the installation"),
        ([changed("source", "policySets", "")], "from a policy set → none"),
        ([changed("settings.x", "1", "2")], "x: 1 → x: 2"),
    ],
)
def test_what_changes_is_said_from_old_to_new(how: list[Setting], said: str) -> None:
    """A change is shown from the old value to the new one, both in the same words."""
    [line] = lines(assigned(replace(reach(A, Fate.CHANGED), how=tuple(how))))
    assert (line.label, line.value) == ("Reaches otherwise", f"A (security group, 4 members); {said}")


def test_a_deadline_is_a_time_of_the_reader() -> None:
    """A deadline is written so that each client shows it in the reader's zone; a name beside it stays plain text."""
    how = {
        "intent": "required",
        f"{TIMES}deadlineDateTime": "2026-12-01T20:00:00Z",
        "settings.notifications": "hideAll",
    }
    [line] = lines(assigned(doing(how, reach(replace(A, name="[A](x)")))))
    shown = told(line.told, 240)
    at = moment(datetime(2026, 12, 1, 20, tzinfo=UTC))
    assert shown == f"\\[A\\]\\(x) (security group, 4 members); Required; deadline {at}; no notices are shown"
    assert told(line.told, 60).endswith("…")
    assert "{{" not in told(line.told, 20)


@pytest.mark.parametrize(
    ("reaches", "first"),
    [
        ([reach(A, intent="available"), reach(B, intent="uninstall")], "B "),
        ([reach(A), reach(B, Fate.REMOVED)], "B "),
        ([reach(A), reach(B, Fate.REMOVED, out=True)], "B "),
        ([reach(A), reach(ALL_USERS)], "All users"),
        ([reach(A), reach(UNKNOWN)], "A target that Countersign does not know"),
        ([reach(A, Fate.STANDS, intent="uninstall"), reach(B, Fate.CHANGED)], "B "),
        ([reach(ALL_DEVICES, Fate.STANDS), reach(B, Fate.UNSAID)], "B "),
    ],
)
def test_what_is_dangerous_comes_first(reaches: list[Reach], first: str) -> None:
    """The most dangerous assignment comes first, because a card has room for only a few lines."""
    assert lines(assigned(*reaches))[0].value.startswith(first)


def test_what_an_assignment_to_nobody_loses_is_said() -> None:
    """An assignment without a target says so, and says what it loses."""
    one = replace(reach(Target(TargetKind.OTHER), Fate.CHANGED), how=(changed("intent", "required", ""),))
    assert lines(assigned(one))[0].value == "Nobody: it names no target; Required → none"


def test_a_long_rule_leaves_room_for_the_name() -> None:
    """A long filter rule is cut with a visible sign, and the name of the filter stays readable."""
    [line] = lines(assigned(doing({FILTER: "include", "filterName": "Kiosks", "filterRule": RULE * 40})))
    assert line.value.endswith("… (filter Kiosks)")


def test_an_exclusion_that_is_gone_is_told_as_such() -> None:
    """A removed exclusion is shown as such, because its members may be reached from now on."""
    gone, eligibility = lines(assigned(reach(A, Fate.STANDS, out=True), reach(B, Fate.REMOVED, out=True)))
    assert (gone.label, gone.value) == ("No longer left out", "B (security group, 4 members)")
    assert (eligibility.label, eligibility.value) == ("Still reaches", "Not: A (security group, 4 members)")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("configurationmanagercollectionassignmenttarget SMS00001", "Configuration Manager collection SMS00001"),
        (
            "somethingnewassignmenttarget x",
            "A target that Countersign does not know: somethingnewassignmenttarget x",
        ),
        ("", "Nobody: it names no target"),
    ],
)
def test_other_targets_have_words(target: str, said: str) -> None:
    """Other kinds of targets are named with their kind and id."""
    one = doing({"collectionId": "SMS00001"} if "SMS" in target else {}, reach(Target(TargetKind.OTHER, target)))
    assert lines(assigned(one))[0].value == said


@pytest.mark.parametrize(
    ("fate", "label"),
    [
        (Fate.ADDED, "May reach"),
        (Fate.CHANGED, "May reach otherwise"),
        (Fate.STANDS, "May still reach"),
        (Fate.REMOVED, "May no longer reach"),
        (Fate.UNSAID, "May have reached until now"),
    ],
)
def test_an_unknown_target_is_not_said_to_be_reached(fate: Fate, label: str) -> None:
    """No label says for certain that an unknown target is reached: it may be left out."""
    [line] = lines(assigned(reach(UNKNOWN, fate)))
    assert (line.label, line.value) == (label, "A target that Countersign does not know: type: allDevices")


@pytest.mark.parametrize(
    ("reaches", "title"),
    [
        ([reach(A, intent="uninstall"), reach(B, intent="available")], "uninstall from A, available to B"),
        ([reach(A, intent="required"), reach(B, intent="available")], "required for A, available to B"),
        ([reach(A), reach(B, Fate.REMOVED)], "unassign from B, assign to A"),
        ([reach(ALL_DEVICES), reach(A, Fate.REMOVED, out=True)], "no longer leave out A, assign to All devices"),
        ([reach(A, intent="somethingNew"), reach(B, intent="uninstall")], "uninstall from B, assign to A"),
        ([reach(A, Fate.CHANGED, intent="required"), reach(B, intent="required")], "required for B, change for A"),
    ],
)
def test_a_title_names_all_that_is_done(reaches: list[Reach], title: str) -> None:
    """A title names everything that an assignment does, with the most dangerous first."""
    assert words.title(assigned(*reaches)) == f"Change assignment of app Viewer: {title}"


@pytest.mark.parametrize(
    ("reaches", "title"),
    [
        ([reach(A, intent="required"), reach(B, out=True)], "Assign app Viewer to A"),
        ([reach(A, Fate.STANDS), reach(B, intent="uninstall")], "Uninstall app Viewer from B"),
        ([reach(A, Fate.REMOVED, out=True)], "Change assignment of app Viewer and no longer leave out A"),
        ([reach(A, out=True)], "Change assignment of app Viewer and leave out A"),
        ([reach(A, Fate.STANDS)], "Assign app Viewer"),
        ([reach(A, Fate.CHANGED, intent="required")], "Change assignment of app Viewer for A"),
        (
            [replace(TO_A, fate=Fate.CHANGED, how=(changed("intent", "available", "required"),))],
            "Assign app Viewer to A",
        ),
        ([reach(A, Fate.CHANGED, intent="uninstall")], "Uninstall app Viewer from A"),
        ([reach(Target(TargetKind.OTHER))], "Assign app Viewer to nobody"),
        ([reach(UNKNOWN)], "Assign app Viewer to a target that Countersign does not know: type: allDevices"),
    ],
)
def test_a_title_for_one_thing(reaches: list[Reach], title: str) -> None:
    """If one assignment changes, the title is about it alone; an exclusion beside it only makes the group smaller."""
    assert words.title(assigned(*reaches)) == title


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (assigned(reach(intent="uninstall")), "taken off every device"),
        (assigned(reach(intent="required")), "installed on every device"),
        (assigned(reach(intent="available")), "offered"),
        (assigned(reach(intent="somethingNew")), "runs on the devices it reaches"),
        (assigned(reach(intent="available"), reach(B)), "runs on the devices it reaches"),
        (assigned(reach(fate=Fate.REMOVED)), "nor its updates"),
        (assigned(reach(fate=Fate.REMOVED), kind="DeviceManagementScript"), "It no longer runs"),
        (
            assigned(reach(fate=Fate.REMOVED), reach(B), kind="DeviceManagementScript"),
            "runs on every device it reaches",
        ),
        (assigned(reach(fate=Fate.REMOVED), kind="DeviceHealthScript"), "no longer looked after"),
        (assigned(reach(fate=Fate.REMOVED), kind="DeviceCompliancePolicy"), "may count as compliant"),
        (assigned(reach(fate=Fate.REMOVED), kind="ConfigurationPolicy"), "lose what it sets"),
        (assigned(reach(), kind="ConfigurationPolicy"), "takes over these settings"),
        (assigned(reach(A, Fate.STANDS)), "runs on the devices it reaches"),
    ],
)
def test_the_stakes_of_an_assignment(what: Subject, said: str) -> None:
    """The stakes say first what is lost, and then what is added."""
    assert said in stakes(what)


@pytest.mark.parametrize(
    ("action", "reaches", "title", "said"),
    [
        ("create", [reach(A, intent="uninstall")], "Uninstall app Viewer from A", "taken off every device"),
        ("delete", [reach(A, Fate.REMOVED)], "Unassign app Viewer from A", "nor its updates"),
        ("delete", [], "Delete assignment of app Viewer", "decides who gets the app"),
    ],
)
def test_an_assignment_that_is_an_object_of_its_own(action: str, reaches: list[Reach], title: str, said: str) -> None:
    """Deleting an assignment that is an object of its own does not read as deleting the app."""
    what = replace(assigned(*reaches, kind="MobileAppAssignment"), action=action)
    assert words.title(what) == title
    assert said in stakes(what)
