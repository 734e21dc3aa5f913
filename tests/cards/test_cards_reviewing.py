"""What approvers review, in words: settings by their definitions, scripts by their purpose, and unknown types."""

from dataclasses import replace

import pytest

from approvals.kinds import KINDS, ObjectKind
from approvals.subject import Device, Fact, Fate, Purpose, Script, Setting, Subject, Words
from cards.request_card import draw
from cards.reviewing import Line, growth, lines
from cards.stakes import stakes
from cards.view import CardStep, View, Viewer
from cards.words import title
from tests.cards.reading import text
from tests.samples.gallery import WAITING

HASH = "ab" * 32


def told(*facts: Fact) -> list[tuple[str, str, str]]:
    """Return the label, the value and the old value of each line."""
    what = Subject(("app",), "MobileApp", "update", "1", "X", "0" * 64, facts=facts)
    return [(line.label, line.value, line.before) for line in lines(what)]


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (Setting("runAsAccount", "system"), ("Run as account", "system", "")),
        (Setting("rules[1].@odata.type", "fileRule"), ("Rules 1: type", "fileRule", "")),
        (
            Setting("id_camera", "id_camera_0", "id_camera_1", Fate.CHANGED, Words("Allow camera", "No", "Yes")),
            ("Allow camera", "No", "Yes"),
        ),
        (
            Setting("id_camera", "", "id_camera_1", Fate.REMOVED, Words("Allow camera", "", "Yes")),
            ("Allow camera", "removed", "Yes"),
        ),
        (Setting("icon", f"sha256:{HASH}:1"), ("Icon", f"1 line, SHA-256 {HASH}", "")),
        (Setting("key", "", is_secret=True), ("Key", "a secret, not shown", "")),
        (Setting("key", "", fate=Fate.ADDED, is_secret=True), ("Key", "a secret, not shown", "")),
        (Setting("key", "", fate=Fate.REMOVED, is_secret=True), ("Key", "removed", "")),
        (
            Setting("key", "", fate=Fate.UNSAID, is_secret=True),
            ("Key", "a secret, not shown, which may have changed", ""),
        ),
    ],
)
def test_a_setting_in_words(one: Setting, line: tuple[str, str, str]) -> None:
    """A setting is shown in the words of its definition, if it has one; a secret is never shown."""
    assert told(one) == [line]


@pytest.mark.parametrize("purpose", Purpose)
def test_a_script_says_what_it_is_for(purpose: Purpose) -> None:
    """Each purpose of a script has its own label."""
    [(label, value, _)] = told(Script("x.scriptContent", HASH, 3, purpose=purpose))
    others = {told(Script("x", HASH, 3, purpose=other))[0][0] for other in Purpose if other is not purpose}
    assert label not in others
    assert value == f"3 lines, SHA-256 {HASH}"


def test_a_script_by_what_it_is_called() -> None:
    """A script is shown with its name or OMA-URI, with what it was before, and as removed if it is."""
    assert told(
        Script("r[1].scriptContent", HASH, None, HASH[::-1], Purpose.REQUIREMENT, "Enough room", Fate.CHANGED),
        Script("r[2].scriptContent", HASH, 1, purpose=Purpose.DETECTION, fate=Fate.REMOVED),
        Script("r[3].scriptContent", HASH, 1, purpose=Purpose.INSTALL, about="i.ps1", fate=Fate.ADDED),
    ) == [
        ("Requirement script", f"not readable, SHA-256 {HASH}", f"Enough room: SHA-256 {HASH[::-1]}"),
        ("Detection script", "removed", f"SHA-256 {HASH}"),
        ("Install script", f"i.ps1: new, 1 line, SHA-256 {HASH}", ""),
    ]


def test_a_script_that_is_only_named_and_hidden() -> None:
    """A script that could not be read is named."""
    what = Subject(("app",), "MobileApp", "update", "1", "X", "0" * 64, unread=("script:s1", "object"))
    assert lines(what) == [Line("Could not be read", "the script s1 and the object that it changes")]


# --- types --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_type_has_words(kind: ObjectKind) -> None:
    """Every known type has words and stakes, also for its removal, and no line says that it is unknown."""
    for action in ("update", "delete") if kind.place else ("wipe", "retire", "delete", "deprovision"):
        what = Subject((kind.policy_type,), min(kind.names), action, "1", "X", "0" * 64)
        assert "not known here" not in stakes(what)
        assert lines(what) == []
        assert title(what).endswith("X")


def test_a_type_that_nobody_knows_says_so() -> None:
    """The card of an unknown type says so and names the risk; Details show approvers what was filed."""
    what = Subject(("new",), "SomethingNew", "update", "1", "X", "0" * 64, facts=(Setting("a", "1"),))
    assert lines(what)[0] == Line("Type", "SomethingNew, a type that Countersign does not know")
    assert "not known here" in stakes(what)
    request = replace(WAITING, subject=what)
    raw = '{\n  "payload": {"a": 1}\n}'
    card = text(draw(request, View(Viewer.ELIGIBLE, CardStep.DETAILS, raw=raw)))
    assert "a type that Countersign does not know" in card
    assert "What was filed" in card
    assert '\\"payload\\"' in card or '"payload"' in card
    assert "What was filed" not in text(draw(request, View(Viewer.BYSTANDER, CardStep.DETAILS)))


def test_a_script_in_any_type_is_for_approvers() -> None:
    """The text of a script of any type is for approvers only; other readers are told that there is one."""
    app = Subject(("app",), "MobileApp", "update", "1", "X", "0" * 64, facts=(Script("r", HASH, 3),))
    card = text(draw(replace(WAITING, subject=app), View(Viewer.BYSTANDER, CardStep.DETAILS)))
    assert "The script's text is shown to approvers only." in card


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (412, 980, "Laptops grew from 412 to 980 members"),
        (None, 980, "Laptops, of which no size was shown, holds 980 members"),
        (412, 3, "Laptops, which is left out, went down from 412 to 3 members"),
    ],
)
def test_how_a_group_has_grown(before: int | None, after: int, said: str) -> None:
    """The sentence says how a group has grown, or how an excluded group has become smaller."""
    assert growth("Laptops", before, after) == said


def test_a_device_of_many_without_a_name() -> None:
    """A device without a name is still counted among the devices."""
    some = (Device("d1", "PC-1"), Device("d2", ""), Device("", ""))
    what = Subject(("deviceWipe",), "ManagedDevice", "wipe", "", "", "0" * 64, devices=some, device_count=3)
    [line] = lines(what)
    assert line.value == "PC-1, d2 and one without a name"
