"""Graph's answer to one HTTP call, and its meaning: errors are recognised by status and code, never by their text."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.graph import encoded
from bot.web.retry_after import retry_after
from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, Throttled, TokenRefused, Unavailable

NO_ANSWER = 0
"""Used as the status if no answer came: no connection, a timeout, an answer that broke off."""

_MAY_PASS = frozenset({NO_ANSWER, 408, 425, 429, 509})  # and every other 5xx
_BY_STATUS: Mapping[int, type[PortError]] = {
    401: TokenRefused,
    403: Forbidden,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    423: Conflict,
    425: Unavailable,
}
_LONGEST_MESSAGE = 300  # characters of Graph's text that we pass on
_CLAIMS = re.compile(r'claims="([^"]+)"')
_URL = re.compile(r"https?://\S+")
# Intune appends its internal ids and addresses to the sentence, in this form.
_FOR_SUPPORT = re.compile(r"-\s*Operation ID \(for customer support\).*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class GraphReply:
    """One answer. `status` is `NO_ANSWER` if none came; `headers` are found in any casing; `call_id` is ours."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = field(default="", repr=False)
    call_id: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the call succeeded."""
        return 200 <= self.status < 300

    @property
    def may_pass(self) -> bool:
        """Return whether the same call may succeed a little later."""
        return self.status in _MAY_PASS or self.status >= 500

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, if Graph gives them."""
        return retry_after(self.headers)

    @property
    def claims(self) -> str:
        """The claims that Graph requires before it accepts a token again (JSON); empty if it does not say so."""
        found = _CLAIMS.search(self.headers.get("WWW-Authenticate", ""))
        if self.status not in {401, 403} or found is None:
            return ""
        encoded = found[1].replace("-", "+").replace("_", "/")
        try:
            claims = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
            return claims if isinstance(json.loads(claims), dict) else ""
        except (binascii.Error, ValueError):
            return ""

    @property
    def request_id(self) -> str:
        """Graph's id of this call; ours if it gave none."""
        inner = _part(self._error, "innerError") or _part(self._error, "innererror")
        return self.headers.get("request-id") or str(inner.get("request-id") or self.call_id)

    def json(self) -> dict[str, Any]:
        """Return the object in the body; raise `Unavailable` if it is not one."""
        body = _decoded(self.text)
        if not isinstance(body, dict):
            raise Unavailable("Graph answered something unreadable", request_id=self.request_id)
        return body

    def error(self) -> PortError:
        """Return what went wrong as an error of the ports, with a readable sentence."""
        if self.status == NO_ANSWER:
            return Unavailable("Graph did not answer", request_id=self.request_id)
        sentence = " ".join(filter(None, (f"Graph said {self.status}", self.code, self.message)))
        if self.status in {429, 509}:
            return Throttled(sentence, retry_after=self.retry_after, request_id=self.request_id)
        kind = Unavailable if self.status >= 500 else _BY_STATUS.get(self.status, PortError)
        return kind(sentence, request_id=self.request_id)

    @property
    def code(self) -> str:
        """Graph's code for the error ("Authorization_RequestDenied")."""
        return str(self._error.get("code") or "")

    @property
    def message(self) -> str:
        """Graph's sentence on the error, taken out of Intune's nested form, without internal ids and addresses."""
        text = str(self._error.get("message") or "")
        nested = _decoded(text)
        if isinstance(nested, dict):
            text = str(nested.get("Message") or nested.get("message") or "")
        return _URL.sub("", _FOR_SUPPORT.sub("", text)).strip()[:_LONGEST_MESSAGE]

    @property
    def _error(self) -> dict[str, Any]:
        return _part(_decoded(self.text), "error")


def _decoded(text: str) -> Any:
    try:
        return encoded.loads(text)
    except (ValueError, RecursionError):
        return None


def _part(holder: Any, name: str) -> dict[str, Any]:
    part = holder.get(name) if isinstance(holder, dict) else None
    return part if isinstance(part, dict) else {}
