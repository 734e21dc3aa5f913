"""Teams channels as people write them: an id, or the address from "Get link to channel"."""

import re
from urllib.parse import unquote

_ID = r"19:[A-Za-z0-9_.=-]+@thread\.(?:tacv2|v2|skype)"
_LINK = r"https://[^/]+/l/(?:channel|team|chat|message)"
# A thread's id is the channel's id followed by the message's.
_WRITTEN = re.compile(rf"({_ID})(?:;messageid=\d+)?|{_LINK}/({_ID})(?:[/?].*)?")


def channel_id(written: object) -> str:
    """Return the channel's id. Raises `ValueError` for what is neither an id nor an address."""
    found = _WRITTEN.fullmatch(unquote(written.strip().strip("<>"))) if isinstance(written, str) else None
    if found is None:
        raise ValueError('this is not a channel; use "Get link to channel" in Teams, or an id like 19:…@thread.tacv2')
    return found[1] or found[2]
