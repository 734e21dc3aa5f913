"""The content of a held change, read now: script text, permissions, settings and targets, with the values before."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from approvals.alike import with_plain_ids
from approvals.kinds import ObjectKind, Shape, kind_of
from approvals.snapshot import UNCHANGING
from approvals.subject import Fact, Fate, Reach, Relation, Setting, Target
from bot.graph import assignments, loose, script_references, scripts, targets
from bot.graph.assignments import Assignment
from bot.graph.bound import bound
from bot.graph.change import PARAMETERS, ReadChange
from bot.graph.given_roles import with_given_roles
from bot.graph.hidden_texts import texts_without_secrets
from bot.graph.http import GraphClient
from bot.graph.present import DefinitionNames, Present, read_present
from handlers.ports.intune import Content, Row

THE_OBJECT, THE_SCRIPT = "object", "script"
"""Codes in `unread`: for an object that is hidden or gone, and for a script that the change only names."""

MOST_FACTS = 40
"""Number of facts that are kept; the hash covers all of them."""

_GROUPS = {
    "members": Relation.HOLDS,
    "resourceScopes": Relation.OVER,
    "approverGroupIds": Relation.APPROVES,
}


async def read_content(client: GraphClient, row: Row, names: DefinitionNames | None = None) -> Content:
    """Return everything about the change that the request itself does not say; empty for device actions, which say it
    all.

    What we may not read, or what is gone, is listed as unread. If a neighbour fails, this raises: partial content would
    look like different content. After the change has been carried out, the present state is the new one, so what is
    read then is no longer what was reviewed.
    """
    kind = kind_of(row.kind, row.policy_types)
    if kind is not None and kind.shape is Shape.DEVICE:
        return Content(modified_at=UNCHANGING)
    found = _change(client, row, kind, names or DefinitionNames(client))
    (present, change), assigned = await asyncio.gather(found, _assigned(client, row))
    reached = targets.both(assigned, await _related(client, change))
    before, after = await _scripts(client, row, change)
    told = await with_given_roles(client, tuple(change.facts(before.scripts, after.scripts)))
    facts, hidden = told.facts, (*before.hidden, *after.hidden, *told.hidden, *reached.hidden)
    unread = (*([THE_OBJECT] if present is None else []), *hidden)
    return Content(
        sha256=_meaning(_bound(change, facts), reached.reaches, hidden=present is None),
        facts=facts[:MOST_FACTS],
        left_out=max(len(facts) - MOST_FACTS, 0),
        reaches=reached.reaches,
        script=_text(after.scripts),
        modified_at=None if told.gives else _modified_at(row, present, after),  # roles have no modification time
        unread=tuple(dict.fromkeys(unread)),
        raw="" if kind else _raw(row),
    )


@dataclass(frozen=True, slots=True)
class _Scripts:
    """The scripts of one side of a change, including those that it only names; `hidden` are those that Graph hides."""

    scripts: tuple[scripts.FoundScript, ...]
    hidden: tuple[str, ...]
    modified_at: tuple[datetime, ...]


async def _change(
    client: GraphClient, row: Row, kind: ObjectKind | None, names: DefinitionNames
) -> tuple[Present | None, ReadChange]:
    present = await _present(client, row, kind)
    change = ReadChange(row, kind, present or Present(), {})
    definitions = await names.of(kind, change.settings, change.present.definitions)
    return present, replace(change, definitions=definitions)


async def _present(client: GraphClient, row: Row, kind: ObjectKind | None) -> Present | None:
    """Read the present object: empty if there is none yet or its kind is unknown, `None` if it is hidden."""
    if kind is None or not (kind.place and row.target_id) or row.operation.casefold() == "create":
        return Present()
    return await read_present(client, kind, row.target_id, tuple(name for part in _asked(row) for name in part))


def _asked(row: Row) -> tuple[Mapping[str, Any], ...]:
    """Return what the request names: a patch or the object, and the body of a separate call among its parameters."""
    parameters = loose.get(row.payload, PARAMETERS)
    return (row.patch or row.payload, *([parameters] if isinstance(parameters, Mapping) else []))


async def _scripts(client: GraphClient, row: Row, change: ReadChange) -> tuple[_Scripts, _Scripts]:
    before, after = await asyncio.gather(
        _scripts_of(client, row, change.before if change.is_update else {}), _scripts_of(client, row, change.after)
    )
    return before, after


async def _scripts_of(client: GraphClient, row: Row, whole: Mapping[str, Any]) -> _Scripts:
    referred = await script_references.read_referred(client, script_references.references_in(whole, row.target_id))
    listed = (*scripts.scripts_in(whole), *(script for one in referred for script in one.scripts))
    # Graph shows the rules of an app twice; scripts that differ only in their place are kept once.
    found = tuple({(one.purpose, one.about, one.sha256): one for one in reversed(listed)}.values())[::-1]
    hidden = tuple(f"{THE_SCRIPT}:{one.reference.id}" for one in referred if one.is_unread)
    return _Scripts(found, hidden, tuple(one.modified_at for one in referred if one.modified_at))


def _modified_at(row: Row, present: Present | None, after: _Scripts) -> datetime | None:
    """Return when the object or a script that it refers to was last changed; `None` if the object's time is unknown.

    A new object, or an action on a device, counts as unchanging: it has no stored content that could be exchanged.
    """
    is_new = row.operation.casefold() == "create" or bool(row.action)
    own = UNCHANGING if is_new else loose.moment(present.held, "lastModifiedDateTime") if present else None
    return max([own, *after.modified_at]) if own is not None else None


def _text(found: Sequence[scripts.FoundScript]) -> str:
    """Return the text that will run; several parts each have their name as a heading."""
    if len(found) == 1:
        return found[0].text
    named = ((f"{one.path} ({one.about})" if one.about else one.path, one.text) for one in found)
    return "\n".join(f"# --- {name} ---\n{text}" for name, text in named)


def _raw(row: Row) -> str:
    """Return what was filed, without its secrets: for an unknown kind nobody can say which parts matter."""
    parts = {"payload": row.payload, "patchPayload": row.patch, "addedAssignments": row.added}
    held = {name: part for name, part in parts.items() if part}
    return json.dumps(texts_without_secrets(held), indent=2, ensure_ascii=False) if held else ""


def _meaning(facts: Sequence[Fact], reaches: Sequence[Reach], *, hidden: bool) -> str:
    """Return the SHA-256 (hex) of what is asked for, in Intune's codes and values. Display names, order and group
    sizes are not part of it. Empty if there is nothing."""
    if not (facts or reaches or hidden):
        return ""
    whole = [*map(_coded, facts), *map(_coded, map(_unnamed, reaches)), *(["hidden"] if hidden else [])]
    return hashlib.sha256(json.dumps(sorted(whole), ensure_ascii=False).encode()).hexdigest()


def _bound(change: ReadChange, facts: Sequence[Fact]) -> Sequence[Fact]:
    return bound(facts, change.properties, changes=change.changes)


def _coded(part: Fact | Reach) -> str:
    coded = replace(part.code, name=part.name.casefold()) if isinstance(part, Setting) else part
    return with_plain_ids(json.dumps([type(part).__name__, asdict(coded)], sort_keys=True, ensure_ascii=False))


def _unnamed(reach: Reach) -> Reach:
    """Return the reach without what the directory says of its target."""
    how = tuple(sorted((one for one in reach.how if one.name != targets.FILTER_NAME), key=lambda one: one.name))
    return replace(reach, target=Target(reach.target.kind, reach.target.id), how=how)


async def _assigned(client: GraphClient, row: Row) -> targets.Reached:
    """Read whom the change reaches, and what happens to existing assignments."""
    asked, standing, otherwise = _asked_and_standing(row)
    return await targets.compared(client, standing, asked, otherwise)


async def _related(client: GraphClient, change: ReadChange) -> targets.Reached:
    """Read the groups whose members the change concerns, and those that it removes."""
    some = (targets.related(client, how, _fates(change, member)) for member, how in _GROUPS.items())
    return targets.both(*await asyncio.gather(*some))


def _fates(change: ReadChange, member: str) -> dict[str, Fate]:
    """Return what happens to each group of this member. An update removes the groups that it no longer names."""
    row = change.row
    if row.operation.casefold() == "delete":
        return dict.fromkeys(assignments.listed_in([row.payload, change.present.held], member), Fate.REMOVED)
    asked = _asked(row)
    new = assignments.listed_in([*row.added, *asked], member)
    fates = dict.fromkeys(new, Fate.ADDED)
    if change.is_update and member.casefold() in {name.casefold() for part in asked for name in part}:
        known = {one.casefold() for one in new}
        old = assignments.listed_in([change.present.held], member)
        stays = {one.casefold() for one in old} & known
        fates = {one: Fate.STANDS if one.casefold() in stays else Fate.ADDED for one in new}
        fates |= {one: Fate.REMOVED for one in old if one.casefold() not in known}
    return fates


def _asked_and_standing(row: Row) -> tuple[Sequence[Assignment], Sequence[Assignment], Fate]:
    """Return the requested assignments, the existing ones, and what happens to those that only exist.

    A call to assign replaces all assignments by those in its body, if Intune shows that, and an empty body removes all
    of them; an assignment of a role is added to the others.
    https://learn.microsoft.com/graph/api/intune-shared-mobileapp-assign
    """
    added, existing = assignments.assignments_of(row.added), assignments.assignments_of(row.existing)
    body = assignments.body_in(loose.get(row.payload, PARAMETERS))
    match row.operation.casefold():
        case "delete":
            return (), tuple(dict.fromkeys([*existing, *assignments.assignments_in([row.payload])])), Fate.REMOVED
        case "assign" if body is not None:
            return body, existing, Fate.REMOVED
        case "assign" if added:
            return added, existing, Fate.STANDS if "role" in row.kind.casefold() else Fate.UNSAID
        case _:
            named = assignments.assignments_in(_asked(row))
            return tuple(dict.fromkeys([*added, *named])), existing, Fate.UNSAID
