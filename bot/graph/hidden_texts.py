"""Secrets in texts: in a text that configures a device, and in a setting of one line, what is assigned to the name of a
secret is hidden.

The text of a script is shown as it is (`scripts.py`): people must see what will run.
"""

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.graph import encoded
from bot.graph.hiding import json_without_secrets, may_be_json, without_secrets
from bot.graph.secret_names import HIDDEN, NAMES, is_secret_name, is_secret_path, is_switch, is_value

# All repetitions are bounded or possessive: the text comes from the requestor, and matching must not take long. Groups
# are not possessive, because Python before 3.11.5 matches those wrongly (github.com/python/cpython/issues/106052).

_BRIEF = 16
"""Digits of a hash that is added to a short text."""

_SCRIPT = re.compile(r"(?<!de)(?<!sub)(?<!tran)script", re.IGNORECASE)
"""Part of the names of members that contain a script. A description is none."""

_TEXT = r"(?:<!\[CDATA\[.{0,2000}?\]\]>|[^<])*"

_STRINGS = r"(?:\s*<string>[^<]*+</string>)*\s*"

_PAIR = re.compile(
    rf"(<(key|name|id|locuri)>([^<]{{0,200}})</\2>(?:\s|</target>|<!--.{{0,500}}?-->)*"
    rf"<(string|data|integer|real|value|array)>)({_TEXT}|{_STRINGS})(?=</\4\s*>)",
    re.DOTALL | re.IGNORECASE,
)

_ELEMENT = re.compile(rf"(<((?:[\w.-]+:)?([\w.-]+))(?:\s[^<>]*)?(?<!/)>)({_TEXT})(?=</\2\s*>)", re.DOTALL)

_TAG = re.compile(r"<([A-Za-z][\w:.-]{0,100}+)[^<>]{1,4000}+>")

_ATTRIBUTE = re.compile(r"(\b([\w.-]{1,100}+)\s{0,20}=\s{0,20}(\\?[\"']))((?:(?!\3)[^<>])*)(?=\3)")

_NAME = r"(?P<name>(?:[A-Za-z_][\w.-]{0,60}+ )?[A-Za-z_][\w.-]{0,100}+)"

_ASSIGNED = re.compile(
    rf"(?:(?P<line>^[ \t]{{0,80}}+)|(?<!\w)){_NAME}(?:\\?[\"'])?[ \t]{{0,20}}(?:=>|:=|[=:])"
    r"(?:\s{0,20}(?=\\?[\"'])|[ \t]{0,20})",
    re.MULTILINE,
)

_OPTION = re.compile(rf"(?<!\S)--?{_NAME}[ \t]{{1,20}}(?![-/\s])")

_PLAIN = r"(?!\$env:|\$[{(]|%\w{1,80}%|\{\{|[{\[(=:])"

_REST = re.compile(rf"{_PLAIN}[^\s;<>&|]++[^\s;<>]*+(?:[ \t]++[^\s;<>&|]++[^\s;<>]*+)*")

_BARE = re.compile(
    rf"{_PLAIN}(?:(?:Bearer|Basic|Digest)[ \t]{{1,20}})?(?:[^\s;,&|<>\"'`]|,(?!\s|\w{{0,80}}+[=:]))+", re.IGNORECASE
)

_QUOTED = re.compile(r"(\\?[\"'])(?=((?:(?!\1|\$\()(?:\\.|[^\r\n]))*))\2(?!\$\()")

_ADDRESS = re.compile(r"(://[^\s/:@\"'<>]{0,200}+:)[^\s/@\"'<>]{1,200}+(?=@)")


def texts_without_secrets(value: Any) -> Any:
    """Return the same without secrets, also inside its texts: for an object of unknown type, which is shown whole.

    A script is not changed, because a script is shown as it is.
    """
    return _texts_without(without_secrets(value))


def text_without_secrets(text: str) -> str:
    """Return a profile, or another text that configures a device, without its secrets.

    If the text is encoded in base64 and contains a secret, return its hash: a change of it must be visible.
    """
    if "&lt;" in text and (plain := html.unescape(text)) != (shown := _plain(plain)):
        return shown  # XML in XML
    found = encoded.decode(text)
    if found.text and text_without_secrets(found.text) != found.text:
        return f"{HIDDEN}, SHA-256 {found.sha256}"
    return _plain(json_without_secrets(text) if may_be_json(text) else text)


def line_without_secrets(text: str) -> str:
    """Return a setting of one line without its secrets, and the beginning of its hash if there are any.

    Without the hash, a card would not show that only the secret changes.
    """
    shown = text_without_secrets(text)
    if shown == text or shown.startswith(HIDDEN):
        return shown
    return f"{shown}, SHA-256 {hashlib.sha256(encoded.as_sent(text)).hexdigest()[:_BRIEF]}"


def _texts_without(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {member: _texts_without(part, str(member)) for member, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_texts_without(part, name) for part in value]
    return text_without_secrets(value) if isinstance(value, str) and not _SCRIPT.search(name) else value


def _plain(text: str) -> str:
    """Return a text without what it assigns to the names of secrets, in XML and otherwise."""
    text = _xml(text)
    for names in (_ASSIGNED, _OPTION):
        text = "".join(_without_assigned(text, names))
    return _ADDRESS.sub(rf"\1{HIDDEN}", text)


def _xml(text: str) -> str:
    if "<" not in text:
        return text
    return _TAG.sub(_tag, _ELEMENT.sub(_element, _PAIR.sub(_pair, text)))


def _pair(found: re.Match[str]) -> str:
    return _hidden(found, found[5]) if is_secret_path(found[3]) else found[0]


def _element(found: re.Match[str]) -> str:
    return _hidden(found, found[4]) if is_secret_name(found[3]) or _names_secret(found[1]) else found[0]


def _tag(found: re.Match[str]) -> str:
    """Return a tag without the value beside the name of a secret."""
    secret = is_secret_name(found[1]) or _names_secret(found[0])
    return _ATTRIBUTE.sub(_attribute, found[0]) if secret else found[0]


def _names_secret(tag: str) -> bool:
    """Return whether an attribute of this tag says that it is about a secret."""
    said = ((one[2].casefold(), one[4]) for one in _ATTRIBUTE.finditer(tag))
    return any(name in NAMES and is_secret_path(value) for name, value in said)


def _attribute(found: re.Match[str]) -> str:
    return _hidden(found, found[4]) if is_value(found[2].casefold()) else found[0]


def _hidden(found: re.Match[str], value: str) -> str:
    """Return what is in front of a value, and `HIDDEN` in its place unless it is a switch."""
    return found[0] if is_switch(value) else f"{found[1]}{HIDDEN}"


def _without_assigned(text: str, names: re.Pattern[str]) -> Iterator[str]:
    """Yield the parts of a text, with `HIDDEN` in place of each value that follows the name of a secret."""
    end = 0
    for found in names.finditer(text):
        if found.start() >= end and is_secret_name(found["name"]) and (value := _value_after(found, text)):
            yield text[end : value[0]]
            yield HIDDEN
            end = value[1]
    yield text[end:]


def _value_after(found: re.Match[str], text: str) -> tuple[int, int] | None:
    """Return the place of the value that is assigned to a name; `None` if there is none that may be secret."""
    if quoted := _QUOTED.match(text, found.end()):
        start, end = quoted.span(2)
    elif bare := _bare(found).match(text, found.end()):
        start, end = bare.span()
    else:
        return None
    return None if is_switch(text[start:end]) else (start, end)


def _bare(found: re.Match[str]) -> re.Pattern[str]:
    """Return the form of a value without quotes. If the line begins with the name, the value may contain spaces."""
    return _REST if found.groupdict().get("line") is not None else _BARE
