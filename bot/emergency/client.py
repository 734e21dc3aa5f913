"""The bot's client for the emergency process: the port `EmergencyExecution`."""

from dataclasses import asdict
from typing import Any

import aiohttp
from pydantic import TypeAdapter, ValidationError

from handlers.ports.emergency import AloneAnswer, AloneCall, LedgerMark
from handlers.ports.errors import Conflict, Forbidden, NotFound, PortError, Throttled, Unavailable

TIMEOUT = aiohttp.ClientTimeout(total=45)
"""Longer than the process takes to look (a few seconds), wait for its turn (ten) and call Intune (thirty)."""

_ERRORS: dict[int, type[PortError]] = {
    400: Forbidden,
    401: Forbidden,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Forbidden,
    429: Throttled,
}
"""Answers of the process which say that it has done nothing. Other statuses may come from a proxy in between."""

_NO_ANSWER = "The emergency process did not answer. Look in Intune before anything else."


class EmergencyClient:
    """Calls the process at this https address."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url.rstrip('/')}/execute"

    async def execute(self, call: AloneCall, assertion: str) -> AloneAnswer:
        """Execute the call and return the result. Raises `Unavailable` if it may or may not have happened."""
        body = {
            "assertion": assertion,
            "person": call.person,
            "act": call.act.value,
            "device_id": call.device_id,
            "device_name": call.device_name,
            "why": call.why,
            "request_id": call.request_id,
            "remembered": asdict(call.remembered) if call.remembered else None,
        }
        try:
            async with self._session.post(self._url, json=body, timeout=TIMEOUT, allow_redirects=False) as answer:
                said = await answer.json(content_type=None) or {}
                sentence, answer_id = str(said.get("sentence", "")), str(said.get("graph_request", ""))
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, AttributeError):
            raise Unavailable(_NO_ANSWER) from None
        # Only the process itself answers with a sentence: a 200 without one comes from something else.
        if not sentence:
            raise Unavailable(_NO_ANSWER)
        if status == 200:
            return AloneAnswer(sentence, answer_id, _mark(said.get("ledger")))
        if said.get("in_doubt") is not False:
            raise Unavailable(sentence)
        raise _ERRORS.get(status, Conflict)(sentence)


def _mark(told: Any) -> LedgerMark | None:
    try:
        return TypeAdapter(LedgerMark).validate_python(told)
    except ValidationError:
        return None
