"""A held change compared with the present state of its object: settings, scripts and permissions, before and after."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from approvals import subject
from approvals.kinds import ObjectKind, Shape
from approvals.subject import Fact, Fate, Permissions, Setting, Words
from bot.graph import admx, loose, scripts, setting_tree, settings_catalog
from bot.graph.present import RELATIONSHIPS, Present
from bot.graph.scripts import FoundScript
from bot.graph.setting_tree import Node, SettingLine
from bot.graph.settings_catalog import Definitions
from handlers.ports.intune import Row

SETTINGS, PARAMETERS = "settings", "actionParameters"

# Shown separately, or changed only by Intune and so not part of what a reviewer judges.
_NOT_SETTINGS = frozenset(
    {
        "approvergroupids",
        "assignments",
        "createddatetime",
        "dependentappcount",
        "devicehealthscriptassignments",
        "devicemanagementscriptassignments",
        "devicemanagementscriptgroupassignments",
        "devicerunstates",
        "enrollmentconfigurationassignments",
        "id",
        "isassigned",
        "lastmodifieddatetime",
        "members",
        "mobileappassignments",
        "publishingstate",
        "relationships",
        "resourcescopes",
        "roleassignments",
        "rolepermissions",
        "runsummary",
        "settingcount",
        "supersededappcount",
        "supersedingappcount",
        "uploadstate",
        "version",
    }
)
_BELOW = {
    Shape.CATALOGUE: frozenset({SETTINGS}),
    Shape.INTENT: frozenset({SETTINGS}),
    Shape.ADMINISTRATIVE: frozenset({"definitionvalues"}),
}
"""Members of a change that concern what is stored below its object."""

_UPDATES = frozenset({"added", "updated", "deletedids"})
"""Members of the body of `updateDefinitionValues`."""

_NO_UPDATES = frozenset({"action", "assign", "create", "delete"})

_RULES = frozenset({"detectionrules", "requirementrules"})

_TYPE, _BOUND = "@odata.type", "@odata.bind"


@dataclass(frozen=True, slots=True)
class ReadChange:
    """A row with the present state of its object, which is empty if there is none or it is hidden.

    `definitions` name its settings.
    """

    row: Row
    kind: ObjectKind | None
    present: Present
    definitions: Definitions

    @property
    def is_update(self) -> bool:
        """Return whether an existing object changes. If Intune uses another word than "update", a patch shows it."""
        operation = self.row.operation.casefold()
        return operation == "update" or (bool(self.row.patch) and operation not in _NO_UPDATES)

    @property
    def before(self) -> Mapping[str, Any]:
        """The whole object before the change, with the settings that Graph keeps separately from it."""
        below = {SETTINGS: list(self.present.below)} if self.present.below else {}
        return _without_former_rules({**self.present.held, **below}, self._asked)

    @property
    def after(self) -> Mapping[str, Any]:
        """The whole object after the change; where the request says nothing about it (a deletion, an assignment), as
        it is now."""
        match self.row.operation.casefold():
            case "assign":
                return self.before
            case "create":
                return self._asked
            case _:
                return {**self.before, **_spelled_as(self.before, self._asked)}

    @property
    def settings(self) -> list[Any]:
        """Every setting before and after, so that all of them can be named."""
        listed = [self.before.get(SETTINGS), loose.get(self._asked, SETTINGS)]
        return [one for some in listed if isinstance(some, list) for one in some]

    def facts(self, before: Sequence[FoundScript], after: Sequence[FoundScript]) -> Iterator[Fact]:
        """Yield everything except targets, first what changes, then what stays. `before` and `after` are the scripts
        of both sides, including those that are only named."""
        found = tuple(self._script_facts(before, after))
        stays = [one for one in found if self.is_update and one.fate is Fate.STANDS]
        yield from (one for one in found if one not in stays)
        yield from self._permission_facts()
        yield from self._setting_facts()
        yield from stays

    @property
    def _asked(self) -> Mapping[str, Any]:
        """The body of the call. The body of a separate call (`updateDefinitionValues`) may be among its parameters."""
        parameters = loose.get(self.row.payload, PARAMETERS)
        called = parameters if self.is_update and isinstance(parameters, Mapping) else None
        return self.row.patch or called or self.row.payload

    def _script_facts(self, before: Sequence[FoundScript], after: Sequence[FoundScript]) -> Iterator[subject.Script]:
        if not self.is_update:
            yield from (_script(script) for script in after)
            return
        changes = scripts.compared(before, after)
        former = {change.after: change.before for change in changes if change.after is not None}
        for script in after:
            if script not in former:
                yield _script(script)
            else:
                old = former[script]
                yield _script(script, old, Fate.CHANGED if old else Fate.ADDED)
        yield from (_script(one.before, None, Fate.REMOVED) for one in changes if one.before and one.after is None)

    def _permission_facts(self) -> Iterator[Permissions]:
        old, new = permissions_of(self.present.held), permissions_of(self._asked)
        if not self.is_update or "rolepermissions" not in {name.casefold() for name in self._asked}:
            if new or old:
                yield Permissions(tuple(sorted(new or old)))
            return
        yield Permissions(tuple(sorted(new - old)), Fate.ADDED)
        yield Permissions(tuple(sorted(old - new)), Fate.REMOVED)

    def _setting_facts(self) -> Iterator[Setting]:
        if self.is_update:
            changes = setting_tree.changes(self._nodes_before(), self._nodes_after())
            yield from (_changed(one.before, one.after) for one in changes if _tells(one))
            return
        nodes = (*self._properties(self.after), *self._below(self._settings_after()))
        yield from (_stands(line) for line in setting_tree.lines(nodes) if line.value or line.is_secret)

    def _nodes_before(self) -> tuple[Node, ...]:
        """Return the present settings in the members that the change names. Within these, what is missing afterwards
        is removed."""
        asked = {name.casefold() for name in self._asked}
        named = {name: part for name, part in self.present.held.items() if name.casefold() in asked}
        return (*self._properties(named), *self._below(self.present.below))

    def _nodes_after(self) -> tuple[Node, ...]:
        return (*self._properties(_spelled_as(self.before, self._asked)), *self._below(self._settings_after()))

    def _properties(self, held: Mapping[str, Any]) -> tuple[Node, ...]:
        """Return the settings in properties of the object itself. Scripts in them are shown as scripts."""
        told = _NOT_SETTINGS | self._told_below()
        own = {name: part for name, part in held.items() if name.casefold() not in told}
        shown = {name: part for name, part in own.items() if self._says_something(name, part)}
        apps = _relationships(held) if self.kind and self.kind.code == "app" else ()
        return (*settings_catalog.properties(shown, {script.path for script in scripts.scripts_in(held)}), *apps)

    def _told_below(self) -> frozenset[str]:
        """Return the members that concern what is stored below the object, or whom it reaches."""
        shape = self.kind.shape if self.kind else Shape.PLAIN
        assigns = frozenset({PARAMETERS.casefold()}) if self.row.operation.casefold() == "assign" else frozenset()
        updates = _UPDATES if self.is_update and shape is Shape.ADMINISTRATIVE else frozenset()
        return _BELOW.get(shape, frozenset()) | assigns | updates

    def _says_something(self, name: str, part: Any) -> bool:
        """Return whether this member tells the reader something. Most annotations do not. `@odata.bind` does: it names
        the role that people get (as in microsoftgraph/powershell-intune-samples, RBAC/RBAC_Add_Assign.ps1). So does
        `@odata.type`, if the request's kind does not say the same."""
        return "@" not in name or name.endswith(_BOUND) or self._says_type(name, part)

    def _says_type(self, name: str, part: Any) -> bool:
        """Return whether it is the type of the app or profile, and the request's kind does not say that already."""
        return name == _TYPE and str(part).rsplit(".", 1)[-1].casefold() != self.row.kind.casefold()

    def _settings_after(self) -> Sequence[Any]:
        shape = self.kind.shape if self.kind else Shape.PLAIN
        listed = loose.get(self._asked, "definitionValues" if shape is Shape.ADMINISTRATIVE else SETTINGS)
        if self.is_update and shape is Shape.ADMINISTRATIVE:
            return admx.updated(self.present.below, self._asked)
        if self.is_update and shape is Shape.INTENT:
            return _replaced(self.present.below, listed)
        return listed if isinstance(listed, list) else self.present.below

    def _below(self, settings: Iterable[Any]) -> tuple[Node, ...]:
        match self.kind.shape if self.kind else Shape.PLAIN:
            case Shape.CATALOGUE:
                return settings_catalog.catalogue(settings, self.definitions)
            case Shape.INTENT:
                return settings_catalog.intent(settings, self.definitions)
            case Shape.ADMINISTRATIVE:
                return admx.administrative(settings)
            case Shape.PLAIN | Shape.DEVICE:
                return ()
            case never:
                assert_never(never)


def _spelled_as(known: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the requested members under the object's own names: Intune and Graph differ in their casing."""
    spelled = {name.casefold(): name for name in known}
    return {spelled.get(name.casefold(), name): part for name, part in asked.items()}


def _without_former_rules(whole: Mapping[str, Any], asked: Collection[str]) -> dict[str, Any]:
    """Return a Win32 app without the other copy of the rules that a change names: Graph shows them as `rules`, and
    again as `detectionRules` and `requirementRules` (win32LobApp)."""
    named = {name.casefold() for name in asked}
    if "rules" in named:
        dropped = frozenset() if named & _RULES else _RULES
    else:
        dropped = frozenset({"rules"}) if named & _RULES else frozenset()
    return {name: part for name, part in whole.items() if name.casefold() not in dropped}


def _replaced(settings: Iterable[Any], by: Any) -> list[Any]:
    """Return the settings of a template after `updateSettings`, which names only some of them."""
    new = by if isinstance(by, list) else []
    named = {loose.text(one, "definitionId").casefold() for one in new}
    return [*(one for one in settings if loose.text(one, "definitionId").casefold() not in named), *new]


def _relationships(held: Mapping[str, Any]) -> Iterator[Node]:
    """Yield what an app replaces and what it needs, each identified by the other app."""
    for one in loose.objects(loose.get(held, RELATIONSHIPS) or []):
        what = loose.text(one, "supersedenceType", "dependencyType")
        name = loose.text(one, "targetDisplayName")
        yield Node(f"{RELATIONSHIPS}.{loose.text(one, 'targetId')}", what, name and f"Relationship to {name}")


def _stands(line: SettingLine) -> Setting:
    return Setting(line.code, line.value, words=Words(line.name, line.says), is_secret=line.is_secret)


def _changed(before: SettingLine | None, after: SettingLine | None) -> Setting:
    old, new = before.value if before else "", after.value if after else ""
    shown = after or before or SettingLine("", "")
    words = Words(shown.name, after.says if after else "", before.says if before else "")
    is_secret = any(line.is_secret for line in (before, after) if line)
    fate = _fate(_says(before), _says(after)) if not (is_secret and before and after) else Fate.UNSAID
    return Setting(shown.code, new, old, fate, words, is_secret)


def _tells(one: setting_tree.SettingChange) -> bool:
    """Return whether anything differs. If an empty list is filled, its elements show the difference."""
    return not (one.before and one.after) or _says(one.before) or _says(one.after)


def _says(line: SettingLine | None) -> bool:
    """Return whether there is a value; an empty one counts as none."""
    return line is not None and bool(line.value or line.is_secret)


def _fate(was: bool, becomes: bool) -> Fate:
    if was and becomes:
        return Fate.CHANGED
    return Fate.ADDED if becomes else Fate.REMOVED


def _script(script: FoundScript, old: FoundScript | None = None, fate: Fate = Fate.STANDS) -> subject.Script:
    return subject.Script(
        part=script.path,
        sha256=script.sha256,
        lines=script.lines if script.is_readable else None,
        before=old.sha256 if old else "",
        purpose=script.purpose,
        about=script.about,
        fate=fate,
    )


def permissions_of(role: Mapping[str, Any]) -> frozenset[str]:
    """Return everything a role allows, and what it denies with a "not" in front."""
    granted: set[str] = set()
    for permission in loose.objects(loose.get(role, "rolePermissions", "permissions")):
        for actions in loose.objects(loose.get(permission, "resourceActions")):
            granted |= set(_names(actions, "allowedResourceActions"))
            granted |= {f"not {name}" for name in _names(actions, "notAllowedResourceActions")}
    return frozenset(granted)


def _names(actions: Mapping[str, Any], member: str) -> list[str]:
    listed = loose.unfolded(loose.get(actions, member) or [])
    return [str(one) for one in (listed if isinstance(listed, list) else [listed])]
