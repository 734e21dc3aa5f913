"""The subject of a request: the operation, its target, and everything else that a reviewer judges.

A vote is bound to the meaning: to codes and values as Intune holds them. Display names and order do not count. Neither
does the size of a group, which is compared separately, in `approvals/growth.py`.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from approvals.alike import with_plain_ids


class Fate(StrEnum):
    """The effect of a change on one part of a policy, role or assignment."""

    STANDS = "stands"  # part of the request, not compared with a present state
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    UNSAID = "unsaid"  # it exists now, and Intune does not say whether it stays


@dataclass(frozen=True, slots=True)
class Words:
    """Display names of a setting and its values from its definition; empty if the definition has none."""

    name: str = ""
    value: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value under Intune's own name for it.

    `words` are for display and not part of the content: a definition that can be read today may be hidden tomorrow. A
    secret has no value; if it was already set, it is unknown whether it changes.
    """

    name: str
    value: str
    before: str = ""
    fate: Fate = Fate.STANDS
    words: Words = Words()
    is_secret: bool = False

    @property
    def code(self) -> "Setting":
        """The same setting without words."""
        return replace(self, words=Words())


class Purpose(StrEnum):
    """The purpose of a script."""

    SCRIPT = "script"
    DETECTION = "detection"
    REMEDIATION = "remediation"
    REQUIREMENT = "requirement"
    INSTALL = "install"
    UNINSTALL = "uninstall"
    PRE_INSTALL = "pre-install"
    POST_INSTALL = "post-install"
    DISCOVERY = "discovery"
    COMPLIANCE_RULES = "compliance-rules"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Script:
    """Text that runs on a device, or configures it: where Intune holds it, and the SHA-256 of its bytes.

    `lines` is `None` if the text cannot be read. `before` is the hash of the present text, if that differs. `about` is
    Intune's name for it: a rule's name, an OMA-URI, a setting.
    """

    part: str
    sha256: str
    lines: int | None
    before: str = ""
    purpose: Purpose = Purpose.SCRIPT
    about: str = ""
    fate: Fate = Fate.STANDS


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permissions of a role; a name with "not" in front is denied."""

    names: tuple[str, ...]
    fate: Fate = Fate.STANDS


Fact = Setting | Script | Permissions
"""One part of the reviewed content. No two types have the same fields, so stored data shows the type."""


class Relation(StrEnum):
    """The relation of a group to the change."""

    REACHES = "reaches"  # an assignment's target
    HOLDS = "holds"  # its members get the role
    OVER = "over"  # the role applies to its members
    APPROVES = "approves"  # its members approve later requests


class TargetKind(StrEnum):
    """The kind of an assignment's target."""

    GROUP = "group"
    ALL_DEVICES = "all-devices"
    ALL_USERS = "all-users"
    OTHER = "other"  # known by its kind, or no target at all
    UNKNOWN = "unknown"  # it may be anybody, also an exclusion


@dataclass(frozen=True, slots=True)
class Target:
    """The people or devices affected: a group with its size, everybody, or a target known only by Intune's own name.

    `id` is the group's object id, for other targets the name of their kind, for unknown ones what Intune says of them.
    `members` is `None` if the number of people and devices in the group is unknown; `kind_of_group` is empty if the
    directory does not show the group.
    """

    kind: TargetKind
    id: str = ""
    name: str = ""
    kind_of_group: str = ""
    members: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """One target: its relation to the change, and what becomes of it. `how` has the details, old and new: intent,
    filter, schedule."""

    relation: Relation
    target: Target
    fate: Fate = Fate.ADDED
    excluded: bool = False
    how: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Wipe:
    """The options of a wipe, from Intune's call: what is kept, whether it can be stopped, and what happens to a Mac
    whose data cannot be erased (`obliteration`, Intune's own word; several are separated by commas, the worst first).

    `unread` means that a part of the call could not be read that may contain options.
    """

    keeps_user_data: bool = False
    keeps_enrollment: bool = False
    keeps_esim: bool = False
    is_protected: bool = False
    obliteration: str = ""
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the action, as Intune's request names it."""

    id: str
    name: str
    serial: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """The number of people and devices in a group."""

    group_id: str
    members: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that a reviewer judges. A vote is bound to its `digest`.

    `kind` is the last part of Intune's payload type ("ManagedDevice"), `action` the operation in lower case ("wipe",
    "create", "update", "delete", "assign"). The two hashes cover the raw payload and the content that it points to
    (script text, role permissions, filters of targets); neither covers secrets. `devices` are the first of
    `device_count`; `facts` are the first of all facts, and `left_out` counts the rest. `unread` names parts of the
    content that could not be read; it is not part of the digest. `wipe` comes from the payload, whose hash therefore
    covers it.
    """

    policy_types: tuple[str, ...]
    kind: str
    action: str
    target_id: str
    target: str
    payload_sha256: str
    content_sha256: str = ""
    facts: tuple[Fact, ...] = ()
    left_out: int = 0
    reaches: tuple[Reach, ...] = ()
    devices: tuple[Device, ...] = ()
    device_count: int = 0
    unread: tuple[str, ...] = ()
    wipe: Wipe | None = None

    @property
    def is_bulk(self) -> bool:
        """Return whether it covers more than one device."""
        return self.device_count > 1

    @property
    def refers(self) -> bool:
        """Return whether it says less than what will happen: the rest stands elsewhere, or could not be read."""
        return bool(self.content_sha256 or self.reaches or self.unread)

    @property
    def spelled(self) -> str:
        """The text to type as confirmation: the target's name, or the number of devices."""
        return f"{self.device_count} devices" if self.is_bulk else self.target or self.target_id

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The size of each of its groups, each group once, ordered by id."""
        return tuple(Size(group, members) for group, members in sorted(dict(self._counted()).items()))

    def _counted(self) -> Iterator[tuple[str, int]]:
        for reach in self.reaches:
            if reach.target.kind is TargetKind.GROUP and reach.target.members is not None:
                yield with_plain_ids(reach.target.id), reach.target.members

    @property
    def left_out_groups(self) -> frozenset[str]:
        """The groups that it names to leave their members out."""
        return frozenset(with_plain_ids(reach.target.id) for reach in self.reaches if reach.excluded)

    def name_of(self, group_id: str) -> str:
        """The name of one of its groups; its id where it has none."""
        names = (reach.target.name for reach in self.reaches if with_plain_ids(reach.target.id) == group_id)
        return next(filter(None, names), group_id)

    def hides(self, known: "Subject") -> tuple[str, ...]:
        """Return the parts that could be read in `known` and cannot be read now; none if Intune's own request differs,
        because that is a change."""
        same = _held(self) == _held(known)
        return tuple(part for part in self.unread if part not in known.unread) if same else ()

    def digest(self) -> str:
        """Return the SHA-256 (hex) of the reviewed content; the order of policy types does not matter."""
        reviewed = [*_held(self), self.content_sha256]
        return hashlib.sha256(json.dumps(reviewed, ensure_ascii=False).encode()).hexdigest()


def _held(one: Subject) -> tuple[object, ...]:
    """Return what Intune's request itself contains. The service and Graph begin the same word with a capital letter
    or not."""
    types = sorted({f"{word[:1].lower()}{word[1:]}" for word in one.policy_types})
    kind = f"{one.kind[:1].upper()}{one.kind[1:]}"
    return (types, kind, one.action, with_plain_ids(one.target_id), one.target, one.payload_sha256)
