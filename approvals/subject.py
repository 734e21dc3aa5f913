"""What is asked for: the operation, its target, and everything about it that a reviewer judges.

A vote binds to the meaning: to codes and values as Intune holds them. How they are named to people, and in which
order, is no part of it. Nor is how many people a group holds: that is compared by itself, in `approvals/growth.py`.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from approvals.alike import with_plain_ids


class Fate(StrEnum):
    """What a change does to one part of what it changes."""

    STANDS = "stands"  # part of what is asked for, and not compared with anything
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    UNSAID = "unsaid"  # it is there now, and Intune does not say whether it stays


@dataclass(frozen=True, slots=True)
class Words:
    """What a setting and its values are called by its definition; empty where that says nothing."""

    name: str = ""
    value: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value by Intune's own name for it.

    `words` are for people, and no part of what is asked for: a definition that is read today may be hidden tomorrow.
    Of a secret there is no value; where it was set before, too, nobody can say whether it is another one.
    """

    name: str
    value: str
    before: str = ""
    fate: Fate = Fate.STANDS
    words: Words = Words()
    is_secret: bool = False

    @property
    def code(self) -> "Setting":
        """The same without words."""
        return replace(self, words=Words())


class Purpose(StrEnum):
    """What a script is for."""

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
    """Text that will run, or that a device obeys: where Intune holds it, and the SHA-256 of its bytes.

    Without `lines` nobody can read it. `before` is the hash of what runs until now, where that is another one. `about`
    is what Intune calls it: a rule's name, an OMA-URI, a setting.
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
    """What a role allows, and with "not" in front what it denies."""

    names: tuple[str, ...]
    fate: Fate = Fate.STANDS


Fact = Setting | Script | Permissions
"""One part of what is reviewed. No two kinds have the same fields, so each is told from what is stored."""


class Relation(StrEnum):
    """What a group has to do with it."""

    REACHES = "reaches"  # an assignment's target
    HOLDS = "holds"  # its members get the role
    OVER = "over"  # the role is good for its members
    APPROVES = "approves"  # its members say yes to later requests


class TargetKind(StrEnum):
    """Whom an assignment names."""

    GROUP = "group"
    ALL_DEVICES = "all-devices"
    ALL_USERS = "all-users"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom it concerns: a group with its size, everybody, or something that only Intune's own word names.

    `id` is the group's object id, of other targets the word for their kind. Without `members` nobody knows how many
    people and devices the group holds; `kind_of_group` is empty where the directory does not show the group.
    """

    kind: TargetKind
    id: str = ""
    name: str = ""
    kind_of_group: str = ""
    members: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """One target: what it has to do with it, and what becomes of that. `how` says what happens to it there: intent,
    filter, schedule, from old to new."""

    relation: Relation
    target: Target
    fate: Fate = Fate.ADDED
    excluded: bool = False
    how: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Wipe:
    """How a device is wiped, as Intune's call says it: what is kept, whether it can be stopped, and what becomes of a
    Mac whose data cannot be erased (`obliteration`, Intune's own word)."""

    keeps_user_data: bool = False
    keeps_enrollment: bool = False
    keeps_esim: bool = False
    is_protected: bool = False
    obliteration: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A device that an action is for, as Intune's request names it."""

    id: str
    name: str
    serial: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """How many people and devices a group held."""

    group_id: str
    members: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything a reviewer judges. A vote binds to its `digest`.

    `kind` is the last part of Intune's payload type ("ManagedDevice"), `action` what happens to it in lower case
    ("wipe", "create", "update", "delete", "assign"). The two hashes stand for the raw payload and for the content
    it points to (script text, role permissions, filters of targets); secrets are in neither. `devices` are the first
    of `device_count`, `facts` the first of them all, with `left_out` more. `unread` names the parts of the content
    that could not be read; it is no part of the digest. `wipe` is told by the payload, and so is in its hash.
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
        """Whether it is for more than one device."""
        return self.device_count > 1

    @property
    def spelled(self) -> str:
        """What somebody types to confirm that they mean it: the target's name, or how many devices it is for."""
        return f"{self.device_count} devices" if self.is_bulk else self.target or self.target_id

    @property
    def sizes(self) -> tuple[Size, ...]:
        """How many each of its groups holds, each group once, in the order of their ids."""
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
        """The parts that could be read when `known` was, and cannot be now; none where what Intune itself holds is
        another one, for that is a change."""
        same = _held(self) == _held(known)
        return tuple(part for part in self.unread if part not in known.unread) if same else ()

    def digest(self) -> str:
        """SHA-256 (hex) of what is reviewed, the same for the same content in any order of policy types."""
        reviewed = [*_held(self), self.content_sha256]
        return hashlib.sha256(json.dumps(reviewed, ensure_ascii=False).encode()).hexdigest()


def _held(one: Subject) -> tuple[object, ...]:
    """What Intune's request itself says. The service and Graph begin the same word with a capital letter or not."""
    types = sorted({f"{word[:1].lower()}{word[1:]}" for word in one.policy_types})
    kind = f"{one.kind[:1].upper()}{one.kind[1:]}"
    return (types, kind, one.action, with_plain_ids(one.target_id), one.target, one.payload_sha256)
