"""Teams channels as people write them down: an id, or the address that "Get link to channel" gives."""

import re
from urllib.parse import unquote, urlsplit

_ID = re.compile(r"19:[A-Za-z0-9_.=-]+@thread\.(tacv2|v2|skype)")
_PATH = re.compile(r"/l/(?:channel|team|chat)/([^/]+)(?:/.*)?")


def channel_id(written: object) -> str:
    """The channel's id; `ValueError` for what is neither an id nor an address."""
    if not isinstance(written, str):
        raise ValueError("a channel is a text")
    candidate = written.strip()
    if candidate.startswith("https://"):
        found = _PATH.fullmatch(unquote(urlsplit(candidate).path))
        candidate = found[1] if found else ""
    if not _ID.fullmatch(candidate):
        raise ValueError('this is no channel; use "Get link to channel" in Teams, or an id like 19:…@thread.tacv2')
    return candidate
