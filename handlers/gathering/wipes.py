"""How a device is wiped, by everything that the call says.

Intune does only what the call says (https://learn.microsoft.com/graph/api/intune-devices-manageddevice-wipe), but it is
not documented how a held call is shown. An option may stand at any depth, in any casing, as JSON in a string, as a pair
of name and value, and twice. The most destructive reading counts.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from approvals.subject import Wipe

_DATA, _ENROLLMENT, _ESIM = "keepuserdata", "keepenrollmentdata", "persistesimdataplan"
_PROTECTED, _OBLITERATION = "useprotectedwipe", "obliterationbehavior"
_OPTIONS = (_DATA, _ENROLLMENT, _ESIM, _PROTECTED, _OBLITERATION)

_NO = frozenset({"", "0", "false", "no", "none", "null", "off"})
_OBLITERATING = {"always": "always", "obliteratewithwarning": "obliterateWithWarning"}
"""The words for it, the worst first."""

_DEFAULT, _SPARED, _SPARES = frozenset({"", "default"}), "donotobliterate", "doNotObliterate"
_KNOWN = frozenset({"", _SPARES, *_OBLITERATING.values()})
_LONGEST = 160
"""Characters that are kept of unknown words."""

_MARK = "\ufeff"
_NAMES, _VALUE = ("name", "key"), "value"
_UNREADABLE = "unreadable"
"""The name under which `bot/graph/rows.py` keeps the hash of a call that cannot be read."""

Leaf = tuple[str, object]


def wipe_of(*call: Mapping[str, Any]) -> Wipe:
    """Return the options of a wipe, from every part of the call. If a part cannot be read, or says something unknown of
    what happens to a Mac, nothing counts as kept."""
    said: dict[str, list[object]] = {}
    for name, value in _leaves(list(call)):
        said.setdefault(name, []).append(value)
    unread = _UNREADABLE in said or any(_names_an_option(one) for values in said.values() for one in values)
    obliteration = _obliteration(said.get(_OBLITERATION, ()))
    is_clear = not unread and obliteration in _KNOWN
    return Wipe(
        keeps_user_data=is_clear and _is_kept(said.get(_DATA, ())),
        keeps_enrollment=is_clear and _is_kept(said.get(_ENROLLMENT, ())),
        keeps_esim=is_clear and _is_kept(said.get(_ESIM, ())),
        is_protected=not all(map(_is_no, said.get(_PROTECTED, ()))),
        obliteration=obliteration,
        unread=unread,
    )


def _leaves(call: object) -> Iterator[Leaf]:
    """Yield every plain or empty value with its name in lower-case letters. There is no limit of depth, so this does
    not recurse."""
    left: list[Leaf] = [("", call)]
    while left:
        name, part = left.pop()
        if isinstance(part, Mapping) and part:
            left.extend(_members(name, part))
        elif isinstance(part, list) and part:
            left.extend((name, item) for item in part)
        elif (unfolded := _unfolded(part)) is not part:
            left.append((name, unfolded))
        else:
            yield name, part


def _members(holder: str, part: Mapping[str, Any]) -> Iterator[Leaf]:
    """Yield the members of an object. Those of an object that stands as the value of an option belong to it."""
    told = [(_letters(name), value) for name, value in part.items() if "@odata." not in name.casefold()]
    named = [_letters(str(value)) for name, value in told if name in _NAMES]
    option = next((one for one in named if one in _OPTIONS), holder if holder in _OPTIONS else "")
    for name, value in told:
        if option and name not in _OPTIONS:
            if name not in _NAMES or named != [option]:
                yield option, value
        else:
            yield name, value


def _unfolded(part: object) -> object:
    """Return a text's content if it is JSON, else the part itself."""
    if not isinstance(part, str) or not part.lstrip(f"{_MARK} \t\r\n").startswith(("{", "[", '"')):
        return part
    try:
        return json.loads(part.lstrip(_MARK))
    except (ValueError, RecursionError):
        return part


def _is_kept(values: Sequence[object]) -> bool:
    """Return whether it is kept: only if everything that is said of it is a clear yes."""
    return bool(values) and all(map(_is_yes, values))


def _is_yes(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().casefold() == "true")


def _is_no(value: object) -> bool:
    return value.strip().casefold() in _NO if isinstance(value, str) else not value


def _obliteration(values: Sequence[object]) -> str:
    """Return the worst word, and every unknown one; that a Mac is spared counts only if nothing else is said."""
    texts = ["" if not value else str(value) for value in values]
    words = {_letters(word) or word: word for text in texts for word in map(str.strip, re.split("[,;|]", text))}
    worst = [known for word, known in _OBLITERATING.items() if word in words][:1]
    unknown = sorted(word for letters, word in words.items() if letters not in {*_OBLITERATING, *_DEFAULT, _SPARED})
    spared = [_SPARES] if set(words) == {_SPARED} else []
    return ", ".join([*worst, *unknown] or spared)[:_LONGEST]


def _names_an_option(value: object) -> bool:
    """Return whether a text mentions an option, and could not be taken apart."""
    return isinstance(value, str) and any(option in _letters(value) for option in _OPTIONS)


def _letters(text: str) -> str:
    """Return the letters and digits of a name; of a path, those of its last part."""
    return "".join(filter(str.isalnum, re.split("[./]", text)[-1].casefold()))
