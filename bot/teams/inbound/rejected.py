"""Reasons for rejecting a request, as an HTTP status and a sentence."""

import json

from aiohttp import web

# The Bot Framework's codes for these statuses.
_CODES = {
    400: "BadArgument",
    401: "Unauthorized",
    403: "Forbidden",
    413: "MessageSizeTooBig",
    415: "UnsupportedMediaType",
    503: "ServiceUnavailable",
}


class Rejected(Exception):
    """The request is rejected. The sentence goes to the caller and the log, so it never repeats what was sent."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status

    def response(self) -> web.Response:
        """Return the refusal in the Bot Framework's format."""
        error = {"code": _CODES[self.status], "message": str(self)}
        text = json.dumps({"error": error})
        # RFC 9110 requires every 401 to name the accepted scheme.
        headers = {"WWW-Authenticate": "Bearer"} if self.status == 401 else None
        return web.Response(status=self.status, text=text, content_type="application/json", headers=headers)


def malformed(why: str) -> Rejected:
    """Return a 400: not an activity of Teams."""
    return Rejected(400, why)


def unproven(why: str) -> Rejected:
    """Return a 401: the sender has not proved to be the Bot Connector."""
    return Rejected(401, why)


def not_ours(why: str) -> Rejected:
    """Return a 403: from the Bot Connector, but not meant for this bot."""
    return Rejected(403, why)
