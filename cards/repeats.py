"""Facts that a card would show twice: the title's name, groups shown by name, a script shown as a script.

A vote still binds to all of them; every fact left out here is shown elsewhere on the card.
"""

import re

from approvals.subject import Fact, Fate, Script, Setting, Subject

_NAMES = frozenset({"displayname", "name"})
_LONGEST = 80
"""A longer name may be cut in the title."""

_LIST = re.compile(r"[\s,;]+")
_HASHED = re.compile(r"sha256:([0-9a-f]{64}):\d+$")


def is_repeated(fact: Fact, subject: Subject) -> bool:
    """Return whether the card already shows this fact."""
    if not isinstance(fact, Setting) or fact.is_secret:
        return False
    return _is_the_title(fact, subject) or _lists_groups(fact, subject) or _is_a_script(fact, subject)


def _is_the_title(one: Setting, subject: Subject) -> bool:
    named = one.name.casefold() in _NAMES and one.fate is Fate.STANDS
    return named and one.value == subject.target and len(one.value) <= _LONGEST


def _lists_groups(one: Setting, subject: Subject) -> bool:
    """Return whether it only lists ids of groups that are shown with name, size and fate."""
    known = {reach.target.id for reach in subject.reaches if reach.target.id}
    ids = {part for part in _LIST.split(f"{one.value} {one.before}") if part}
    return bool(ids) and ids <= known


def _is_a_script(one: Setting, subject: Subject) -> bool:
    """Return whether a script fact already shows the same old and new text."""
    told = {(fact.before, fact.sha256) for fact in subject.facts if isinstance(fact, Script)}
    before, after = _HASHED.match(one.before), _HASHED.match(one.value)
    return after is not None and (before[1] if before else "", after[1]) in told
