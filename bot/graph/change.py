"""A held change compared with the present state of its object: settings, scripts and permissions, before and after."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from approvals import subject
from approvals.kinds import ObjectKind, Shape
from approvals.subject import Fact, Fate, Permissions, Setting
from bot.graph import admx, facts, loose, scripts, setting_tree, settings_catalog
from bot.graph.permissions import permissions_of
from bot.graph.present import RELATIONSHIPS, Present
from bot.graph.scripts import FoundScript
from bot.graph.setting_tree import Node
from bot.graph.settings_catalog import Definitions
from bot.graph.spelling import spelled_as, without_former_rules, without_unsaid
from handlers.ports.intune import Row

SETTINGS, PARAMETERS = settings_catalog.SETTINGS, "actionParameters"

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
    Shape.ADMINISTRATIVE: frozenset({admx.VALUES.casefold()}),
}
"""Members of a change that concern what is stored below its object."""

_DELETED = "deletedids"
_UPDATES = frozenset({"added", "updated", _DELETED})
"""Members of the body of `updateDefinitionValues`."""

_PERMISSIONS = frozenset({"rolepermissions", "permissions"})
"""Members of a role that list what it allows; Graph shows both, with the same content."""

_NO_UPDATES = frozenset({"action", "assign", "create", "delete"})

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
        return without_former_rules({**loose.unfolded_within(self.present.held), **below}, self._asked)

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
                return {**self.before, **spelled_as(self.before, self._asked)}

    @property
    def settings(self) -> list[Any]:
        """Every setting before and after, so that all of them can be named."""
        return [*loose.elements(self.before.get(SETTINGS)), *loose.elements(loose.get(self._asked, SETTINGS))]

    @property
    def properties(self) -> frozenset[str]:
        """The names of the object's own properties, in lower case."""
        return frozenset(name.casefold() for name in (*self.present.held, *self._asked))

    @property
    def changes(self) -> bool:
        """Return whether the object itself becomes different. An assignment and a deletion leave it as it is, or leave
        nothing of it."""
        return self.row.operation.casefold() not in {"assign", "delete"}

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
        return self._called or self.row.payload

    @property
    def _called(self) -> Mapping[str, Any]:
        """What the call itself names; empty if the request only holds the whole object.

        Of a member that both parts name differently, each is kept, so that neither hides the other.
        """
        parameters = loose.get(self.row.payload, PARAMETERS)
        if not (self.is_update and isinstance(parameters, Mapping)):
            return self.row.patch
        named = {name.casefold(): part for name, part in self.row.patch.items()}
        others = {name: part for name, part in parameters.items() if name.casefold() not in named}
        clash = {name: part for name, part in parameters.items() if named.get(name.casefold(), part) != part}
        return {**self.row.patch, **others, **({PARAMETERS: clash} if clash else {})}

    def _script_facts(self, before: Sequence[FoundScript], after: Sequence[FoundScript]) -> Iterator[subject.Script]:
        if not self.is_update:
            yield from (facts.script(script) for script in after)
            return
        changes = scripts.compared(before, after)
        former = {change.after: change.before for change in changes if change.after is not None}
        for script in after:
            if script not in former:
                yield facts.script(script)
            else:
                old = former[script]
                yield facts.script(script, old, Fate.CHANGED if old else Fate.ADDED)
        yield from (facts.script(one.before, None, Fate.REMOVED) for one in changes if one.before and one.after is None)

    def _permission_facts(self) -> Iterator[Permissions]:
        old, new = permissions_of(self.present.held), permissions_of(self._asked)
        if not self.is_update or not self._told_permissions & {name.casefold() for name in self._asked}:
            if new or old:
                yield Permissions(tuple(sorted(new or old)))
            return
        yield Permissions(tuple(sorted(new - old)), Fate.ADDED)
        yield Permissions(tuple(sorted(old - new)), Fate.REMOVED)

    def _setting_facts(self) -> Iterator[Setting]:
        if self.is_update:
            changes = setting_tree.changes(self._nodes_before(), self._nodes_after())
            yield from (facts.changed(one.before, one.after) for one in changes if _tells(one))
            return
        nodes = (*self._properties(self.after), *self._below(self._settings_after()))
        yield from (facts.stands(line) for line in setting_tree.lines(nodes) if line.value or line.is_secret)

    def _nodes_before(self) -> tuple[Node, ...]:
        """Return the present settings in the members that the change names. Within these, what is missing afterwards
        is removed."""
        asked = spelled_as(self.before, self._asked)
        named = {name: without_unsaid(part, [asked[name]]) for name, part in self.before.items() if name in asked}
        return (*self._properties(named), *self._below(self.present.below))

    def _nodes_after(self) -> tuple[Node, ...]:
        return (*self._properties(spelled_as(self.before, self._asked)), *self._below(self._settings_after()))

    def _properties(self, held: Mapping[str, Any]) -> tuple[Node, ...]:
        """Return the settings in properties of the object itself. Scripts in them are shown as scripts."""
        told = _NOT_SETTINGS | self._told_below() | self._told_permissions
        own = {name: part for name, part in held.items() if name.casefold() not in told}
        shown = {name: part for name, part in own.items() if self._says_something(name, part)}
        apps = _relationships(held) if self.kind and self.kind.code == "app" else ()
        return (*settings_catalog.properties(shown, {script.path for script in scripts.scripts_in(held)}), *apps)

    def _told_below(self) -> frozenset[str]:
        """Return the members that concern what is stored below the object, or whom it reaches."""
        shape = self.kind.shape if self.kind else Shape.PLAIN
        assigns = frozenset({PARAMETERS.casefold()}) if self.row.operation.casefold() == "assign" else frozenset()
        updates = _UPDATES if self.is_update and shape is Shape.ADMINISTRATIVE else frozenset()
        if not admx.known(self.present.below).issuperset(admx.deleted(self._asked)):
            updates -= {_DELETED}  # nothing else would show that it deletes something
        return _BELOW.get(shape, frozenset()) | assigns | updates

    @property
    def _told_permissions(self) -> frozenset[str]:
        """Return the members that list permissions: `permissions` may be something else in an object that is no
        role."""
        return _PERMISSIONS if self.kind and self.kind.code == "role" else frozenset({"rolepermissions"})

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
        listed = self._listed(admx.VALUES if shape is Shape.ADMINISTRATIVE else SETTINGS)
        if self.is_update and shape is Shape.INTENT:
            return _replaced(self.present.below, listed or ())
        after = self.present.below if listed is None else listed
        if self.is_update and shape is Shape.ADMINISTRATIVE:
            return admx.updated(admx.with_former(self.present.below, after), self._asked)
        return after

    def _listed(self, member: str) -> list[Any] | None:
        """Return what the change lists under this name; `None` if nothing.

        An empty list in a call removes everything. In a whole object it may only mean that Intune did not expand it.
        """
        parts = [part for name, part in self._asked.items() if name.casefold() == member.casefold()]
        listed = [one for part in parts for one in loose.elements(part)]
        return listed if listed or (parts and self._called and self.is_update) else None

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


def _replaced(settings: Iterable[Any], new: Sequence[Any]) -> list[Any]:
    """Return the settings of a template after `updateSettings`, which names only some of them."""
    named = {loose.text(one, "definitionId").casefold() for one in new} - {""}
    return [*(one for one in settings if loose.text(one, "definitionId").casefold() not in named), *new]


def _relationships(held: Mapping[str, Any]) -> Iterator[Node]:
    """Yield what an app replaces and what it needs, each identified by the other app."""
    for one in loose.objects(loose.get(held, RELATIONSHIPS) or []):
        what = loose.text(one, "supersedenceType", "dependencyType")
        name = loose.text(one, "targetDisplayName")
        yield Node(f"{RELATIONSHIPS}.{loose.text(one, 'targetId')}", what, name and f"Relationship to {name}")


def _tells(one: setting_tree.SettingChange) -> bool:
    """Return whether anything differs. If an empty list is filled, its elements show the difference."""
    return not (one.before and one.after) or facts.says(one.before) or facts.says(one.after)
