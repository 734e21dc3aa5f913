"""The wording of what is reviewed: a label and a value for each part, from old to new.

The text is plain, without Markdown; the caller escapes it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from approvals.kinds import UNKNOWN_TYPE, kind_of
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
)
from cards.assignments import Phrase, by_danger, one_line, plain_words, traits
from cards.labels import label, permission, way
from cards.repeats import is_repeated
from cards.text import listed

DEVICES_NAMED = 3
"""Devices of a bulk request that are named where not all fit."""

UNSAID = "Reached until now"
"""Label of a target if Intune does not say whether it stays."""

_REACHES: Mapping[Fate, str] = {
    Fate.ADDED: "Will reach",
    Fate.CHANGED: "Reaches otherwise",
    Fate.STANDS: "Still reaches",
    Fate.REMOVED: "No longer reaches",
    Fate.UNSAID: UNSAID,
}
_MAY_REACH: Mapping[Fate, str] = {
    Fate.ADDED: "May reach",
    Fate.CHANGED: "May reach otherwise",
    Fate.STANDS: "May still reach",
    Fate.REMOVED: "May no longer reach",
    Fate.UNSAID: "May have reached until now",
}
"""Labels of a target that is not known, because it may also be left out."""

_NO_LONGER_OUT = "No longer left out"
_OTHERS: Mapping[Relation, tuple[str, str]] = {
    Relation.HOLDS: ("Will hold the role", "Held the role"),
    Relation.OVER: ("Over", "Was over"),
    Relation.APPROVES: ("Will approve", "Approved until now"),
}
SCRIPTS: Mapping[Purpose, str] = {
    Purpose.SCRIPT: "Script",
    Purpose.DETECTION: "Detection script",
    Purpose.REMEDIATION: "Remediation script",
    Purpose.REQUIREMENT: "Requirement script",
    Purpose.INSTALL: "Install script",
    Purpose.UNINSTALL: "Uninstall script",
    Purpose.PRE_INSTALL: "Pre-install script",
    Purpose.POST_INSTALL: "Post-install script",
    Purpose.DISCOVERY: "Discovery script",
    Purpose.COMPLIANCE_RULES: "Compliance rules",
    Purpose.CONFIGURATION: "Configuration",
}
"""Names of the kinds of script."""

_PERMISSIONS: Mapping[Fate, str] = {Fate.ADDED: "Permissions added", Fate.REMOVED: "Permissions removed"}
_EVERYBODY: Mapping[TargetKind, str] = {TargetKind.ALL_DEVICES: "All devices", TargetKind.ALL_USERS: "All users"}
_OTHER_TARGETS: Mapping[str, str] = {
    "/": "Everything",
    "configurationmanagercollectionassignmenttarget": "Configuration Manager collection",
    "scopetaggroupassignmenttarget": "Scope tag group",
    "cloudpcmanagementgroupassignmenttarget": "Cloud PC group",
}
"""Targets that are not in the directory:
https://learn.microsoft.com/graph/api/resources/intune-shared-deviceandappmanagementassignmenttarget
"""

_PARTS: Mapping[str, str] = {"group": "the group", "filter": "the filter", "role": "the role", "script": "the script"}

SHA = "SHA-256"
"""Label before every hash."""

_REMOVED, _NONE = "removed", "none"
_BECOMES: Mapping[Fate, str] = {Fate.ADDED: "new, ", Fate.CHANGED: "changed, "}
_THE_OBJECT, _NOTHING_REMOVED = "object", Permissions((), Fate.REMOVED)
_SECRET, _MAYBE_ANOTHER = "a secret, not shown", "a secret, not shown, which may have changed"
_TYPE = "@odata.type"
_HASHED = re.compile(r"sha256:([0-9a-f]{64}):(\d+)$")
"""A value given as its hash and its number of lines."""

_BOUND = re.compile(r"https://[^?#\s]+/[A-Za-z]+(?:\('([^'/]+)'\)|/([^/?#\s'()]+))$")
"""The address by which a call names another object ("roleDefinition@odata.bind"): all of it is Graph's except the
id."""

_YEAR_ONE = re.compile(r"0001-01-01T00:00:00(\.0+)?([Zz]|[+-]\d\d:\d\d)?$")
""".NET's notation for a missing time."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part of what is reviewed, in words. `brief` is the part for the first look, if the whole contains hashes
    or codes; `counts` marks the line with the number of devices."""

    label: str
    value: str
    before: str = ""
    words: Phrase = ()
    brief: str = ""
    counts: bool = False

    @property
    def told(self) -> Phrase:
        """The value, with times as `datetime`."""
        return self.words or (self.value,)


def lines(subject: Subject) -> list[Line]:
    """Return everything that is reviewed, the most important first."""
    told = [
        *_of_devices(subject),
        *_unread(subject.unread),
        *_unknown(subject),
        *map(_of_reach, by_danger(subject.reaches)),
        *map(_of_fact, _known(subject)),
    ]
    if subject.left_out:
        told.append(Line("And more", f"{subject.left_out} further line{'' if subject.left_out == 1 else 's'}"))
    return told


def parts(unread: Sequence[str]) -> str:
    """Return what could not be read: "the object that it changes and the group 6f1c"."""
    return listed(map(_part, unread))


def named(target: Target) -> str:
    """Return a target's name only."""
    match target.kind:
        case TargetKind.ALL_DEVICES | TargetKind.ALL_USERS:
            return _EVERYBODY[target.kind]
        case TargetKind.OTHER:
            return _other(target.id) or "nobody"
        case TargetKind.UNKNOWN:
            return _not_known(target.id)
        case TargetKind.GROUP:
            return target.name or target.id or "nobody"
        case _:
            assert_never(target.kind)


def growth(group: str, before: int | None, after: int) -> str:
    """Return how a group has grown: "All-Laptops grew from 412 to 980 members"."""
    if before is None:
        return f"{group}, of which no size was shown, holds {after} members"
    if after < before:
        return f"{group}, which is left out, went down from {before} to {after} members"
    return f"{group} grew from {before} to {after} members"


def _known(subject: Subject) -> Iterator[Fact]:
    """Yield the facts that are shown nowhere else. If the previous state could not be read, no fact is shown as new."""
    told = (fact for fact in subject.facts if not is_repeated(fact, subject))
    if _THE_OBJECT not in subject.unread and _has_a_kind(subject):
        yield from told
        return
    for fact in told:
        if fact != _NOTHING_REMOVED:
            yield replace(fact, fate=Fate.STANDS) if fact.fate is Fate.ADDED else fact


def _has_a_kind(subject: Subject) -> bool:
    return kind_of(subject.kind, subject.policy_types) is not None


def _of_devices(subject: Subject) -> Iterator[Line]:
    if subject.is_bulk:
        names = [device.name or device.id or "one without a name" for device in subject.devices[:DEVICES_NAMED]]
        others = subject.device_count - len(names)
        named = listed([*names, *([f"{others} more"] if others else [])])
        yield Line(f"{subject.device_count} devices", named, counts=True)
        return
    for device in subject.devices:
        yield from _of_device(device)


def _of_device(device: Device) -> Iterator[Line]:
    if device.serial:
        yield Line("Serial number", device.serial)
    if device.user:
        yield Line("Primary user", device.user)


def _unread(unread: Sequence[str]) -> Iterator[Line]:
    if unread:
        yield Line("Could not be read", parts(unread))


def _unknown(subject: Subject) -> Iterator[Line]:
    if subject.kind and not _has_a_kind(subject):
        yield Line("Type", f"{subject.kind}, {UNKNOWN_TYPE}")


def _part(part: str) -> str:
    kind, _, name = part.partition(":")
    return f"{_PARTS.get(kind, kind)} {name}" if name else "the object that it changes"


def _of_reach(reach: Reach) -> Line:
    leaves_out = reach.excluded and reach.fate is not Fate.REMOVED
    who = f"Not: {_target(reach.target)}" if leaves_out else _target(reach.target)
    which = reach.target.id.split() if reach.target.kind is TargetKind.OTHER else ()
    how = [one for one in reach.how if one.value not in which]  # the target's own id is not repeated
    words = one_line([(who,), *traits(how, _trait)])
    return Line(_reach_label(reach), plain_words(words), words=words)


def _reach_label(reach: Reach) -> str:
    if reach.target.kind is TargetKind.UNKNOWN:
        return _MAY_REACH[reach.fate]
    if reach.relation is Relation.REACHES:
        return _NO_LONGER_OUT if reach.excluded and reach.fate is Fate.REMOVED else _REACHES[reach.fate]
    now, before = _OTHERS[reach.relation]
    return before if reach.fate is Fate.REMOVED else now


def _target(target: Target) -> str:
    match target.kind:
        case TargetKind.ALL_DEVICES | TargetKind.ALL_USERS:
            return _EVERYBODY[target.kind]
        case TargetKind.OTHER:
            return _begun(_other(target.id)) or "Nobody: it names no target"
        case TargetKind.UNKNOWN:
            return _begun(_not_known(target.id))
        case TargetKind.GROUP:
            return _group(target)
        case _:
            assert_never(target.kind)


def _group(target: Target) -> str:
    if not target.kind_of_group:
        return f"Group {target.id}, which could not be read"
    if target.members is None:
        return f"{target.name} ({target.kind_of_group} of unknown size)"
    return f"{target.name} ({target.kind_of_group}, {target.members} member{'' if target.members == 1 else 's'})"


def _trait(name: str, value: str) -> str:
    """Return a setting, named by the last part of its path; a type by what it is the type of."""
    called = label(name.removesuffix(".@odata.type").rsplit(".", 1)[-1]).lower()
    return f"{called}: {_value(value)}"


def _other(known_by: str) -> str:
    kind, _, which = known_by.partition(" ")
    known = _OTHER_TARGETS.get(kind)
    return " ".join(filter(None, [known, which])) if known or not known_by else _not_known(known_by)


def _not_known(said: str) -> str:
    return f"a target that Countersign does not know: {said}"


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _of_fact(fact: Fact) -> Line:
    match fact:
        case Setting():
            return _of_setting(fact)
        case Script():
            return _of_script(fact)
        case Permissions(names, fate):
            brief = ", ".join(map(permission, names))
            return Line(_PERMISSIONS.get(fate, "Permissions"), ", ".join(names) or _NONE, brief=brief)
        case _:
            assert_never(fact)


def _of_setting(one: Setting) -> Line:
    name = way(one.words.name) or label(one.name.replace(_TYPE, "type"))
    if one.is_secret:
        return Line(name, _of_secret(one.fate))
    said = _id_in(one.value) if one.name.endswith("@odata.bind") else _value(one.value)
    value = _REMOVED if one.fate is Fate.REMOVED else one.words.value or said
    before = _NONE if one.fate is Fate.ADDED else one.words.before or _value(one.before)
    return Line(name, value, before, brief=_text_in_brief(one))


def _id_in(address: str) -> str:
    found = _BOUND.match(address)
    return found[1] or found[2] if found else address


def _text_in_brief(one: Setting) -> str:
    """Return the short form of a text that is given as a hash; empty for every other value."""
    if one.fate is Fate.REMOVED:
        return _REMOVED if _HASHED.match(one.before) else ""
    hashed = _HASHED.match(one.value)
    return f"{_BECOMES.get(one.fate, '')}{_length(int(hashed[2]))}" if hashed else ""


def _of_secret(fate: Fate) -> str:
    match fate:
        case Fate.REMOVED:
            return _REMOVED
        case Fate.UNSAID | Fate.CHANGED:
            return _MAYBE_ANOTHER
        case Fate.STANDS | Fate.ADDED:
            return _SECRET
        case _:
            assert_never(fate)


def _of_script(one: Script) -> Line:
    name = SCRIPTS[one.purpose]
    about = f"{one.about}: " if one.about else ""
    brief = f"{about}{_BECOMES.get(one.fate, '')}{_length(one.lines)}"
    if one.fate is Fate.REMOVED:
        return Line(name, f"{about}{_REMOVED}", f"{SHA} {one.sha256}", brief=f"{about}{_REMOVED}")
    if one.before:
        return Line(name, _script(one.sha256, one.lines), f"{about}{SHA} {one.before}", brief=brief)
    new = _BECOMES[one.fate] if one.fate is Fate.ADDED else ""
    return Line(name, f"{about}{new}{_script(one.sha256, one.lines)}", brief=brief)


def _script(sha256: str, line_count: int | None) -> str:
    return f"{_length(line_count)}, {SHA} {sha256}"


def _length(line_count: int | None) -> str:
    if line_count is None:
        return "not readable"
    return f"{line_count} line{'' if line_count == 1 else 's'}"


def _value(raw: str) -> str:
    """Return a value in words."""
    if _YEAR_ONE.match(raw):
        return "never"
    if hashed := _HASHED.match(raw):
        return _script(hashed[1], int(hashed[2]))
    return {"true": "yes", "false": "no"}.get(raw, raw)
