"""Filing, completing and cancelling requests as the filing application: the port `Filer`.

Intune says "held" by an error: 412, or 403 as its documentation said for a while, with an approval code that is the
request's id. The code is in a header, in a header that is quoted within the message, or only in the message.
"""

import base64
import json
import re

from bot.graph.http import GraphClient
from bot.graph.reply import GraphReply
from handlers.ports.errors import Unavailable
from handlers.ports.orders import Call, Taken

_JUSTIFICATION, _CODE = "x-msft-approval-justification", "x-msft-approval-code"
_REQUESTS = "/beta/deviceManagement/operationApprovalRequests"
_HELD = frozenset({412, 403})

_IN_TEXT = re.compile(
    _CODE + r"[\"':\\\s]*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",  # also in JSON within JSON
    re.IGNORECASE,
)


class GraphFiler:
    """Files as the application `app_id`, with its own client."""

    def __init__(self, client: GraphClient, app_id: str) -> None:
        self._client = client
        self._app_id = app_id

    @property
    def app_id(self) -> str:
        """The id of this application."""
        return self._app_id

    async def file(self, call: Call, justification: str) -> Taken:
        """Send it once. Raises `Conflict` if another request is open, `Unavailable` if it may be held, or may even
        have run."""
        encoded = base64.b64encode(justification.encode()).decode()
        reply = await self._client.act(call, {_JUSTIFICATION: encoded})
        if reply.ok:
            return Taken("", reply.request_id)
        code = _code_in(reply) if reply.status in _HELD else ""
        if code:
            return Taken(code, reply.request_id)
        if reply.status == 412:
            raise Unavailable("Intune holds it, and does not say under which id", request_id=reply.request_id)
        raise reply.error()

    async def complete(self, call: Call, intune_id: str) -> str:
        """Send the approved call again, once; return Graph's request-id."""
        reply = await self._client.act(call, {_CODE: intune_id})
        if not reply.ok:
            raise reply.error()
        return reply.request_id

    async def cancel(self, intune_id: str) -> None:
        """Cancel a request that we filed and nobody has approved."""
        call = Call("POST", f"{_REQUESTS}/cancelMyRequest", json.dumps({"id": intune_id}).encode())
        reply = await self._client.act(call, {})
        if not reply.ok:
            raise reply.error()


def _code_in(reply: GraphReply) -> str:
    header = reply.headers.get(_CODE, "").strip()
    found = _IN_TEXT.search(f"{_CODE}: {header}") or _IN_TEXT.search(reply.text)
    return found[1].lower() if found else ""
