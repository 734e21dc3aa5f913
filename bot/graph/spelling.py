"""A change and the present object in the same form, so that they can be compared: Intune and Graph write them
differently."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

_RULES = frozenset({"detectionrules", "requirementrules"})

_NOT_LOST = frozenset({"id", "@odata.type"})
"""Members that Graph adds to the objects in a list; a call need not repeat them."""


def spelled_as(known: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the requested members under the object's own names, and a single object in place of a list as a list of
    one: Intune and Graph differ in their casing, and in this."""
    spelled = {name.casefold(): name for name in known}
    named = {spelled.get(name.casefold(), name): part for name, part in asked.items()}
    return {name: _as_listed(known.get(name), part) for name, part in named.items()}


def _as_listed(known: Any, part: Any) -> Any:
    return [part] if isinstance(known, list) and isinstance(part, Mapping) else part


def without_unsaid(known: Any, asked: Sequence[Any]) -> Any:
    """Return a present part without the ids, types and empty members below it that the change does not repeat: these
    are not lost. `asked` is what may become of it, as elements of a list have no names."""
    if isinstance(known, list):
        some = [one for part in asked if isinstance(part, list) for one in part]
        return [without_unsaid(one, some) for one in known]
    if not isinstance(known, Mapping) or _NOT_LOST.issuperset(known):
        return known
    said: dict[str, list[Any]] = {}
    for part in asked:
        for name, value in part.items() if isinstance(part, Mapping) else ():
            said.setdefault(str(name).casefold(), []).append(value)
    kept = {name: part for name, part in known.items() if name.casefold() in said or not _is_unsaid(name, part)}
    return {name: without_unsaid(part, said.get(name.casefold(), [])) for name, part in kept.items()}


def _is_unsaid(name: str, part: Any) -> bool:
    return name in _NOT_LOST or part in (None, "", [], {})


def without_former_rules(whole: Mapping[str, Any], asked: Collection[str]) -> dict[str, Any]:
    """Return a Win32 app without the other copy of the rules that a change names: Graph shows them as `rules`, and
    again as `detectionRules` and `requirementRules` (win32LobApp)."""
    named = {name.casefold() for name in asked}
    if "rules" in named:
        dropped = frozenset() if named & _RULES else _RULES
    else:
        dropped = frozenset({"rules"}) if named & _RULES else frozenset()
    return {name: part for name, part in whole.items() if name.casefold() not in dropped}
