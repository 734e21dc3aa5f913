"""What a card would say twice: the title's name, groups that are told by name, a script that is told as a script.

A vote binds to all of it all the same; nothing is left out that is said nowhere else.
"""

import re

from approvals.subject import Fact, Fate, Script, Setting, Subject

_NAMES = frozenset({"displayname", "name"})
_LONGEST = 80
"""A longer name may be cut in the title."""

_LIST = re.compile(r"[\s,;]+")
_HASHED = re.compile(r"sha256:([0-9a-f]{64}):\d+$")


def is_repeated(fact: Fact, subject: Subject) -> bool:
    """Whether the card says this already."""
    if not isinstance(fact, Setting) or fact.is_secret:
        return False
    return _is_the_title(fact, subject) or _lists_groups(fact, subject) or _is_a_script(fact, subject)


def _is_the_title(one: Setting, subject: Subject) -> bool:
    named = one.name.casefold() in _NAMES and one.fate is Fate.STANDS
    return named and one.value == subject.target and len(one.value) <= _LONGEST


def _lists_groups(one: Setting, subject: Subject) -> bool:
    """Ids of groups alone, each of which is told with its name, size and fate."""
    known = {reach.target.id for reach in subject.reaches if reach.target.id}
    ids = {part for part in _LIST.split(f"{one.value} {one.before}") if part}
    return bool(ids) and ids <= known


def _is_a_script(one: Setting, subject: Subject) -> bool:
    """The same text before and after."""
    told = {(fact.before, fact.sha256) for fact in subject.facts if isinstance(fact, Script)}
    before, after = _HASHED.match(one.before), _HASHED.match(one.value)
    return after is not None and (before[1] if before else "", after[1]) in told
