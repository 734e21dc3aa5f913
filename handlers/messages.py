"""Somebody wrote to the bot: say what it does, and how many requests wait."""

from contextlib import suppress

from handlers.desk import Desk
from handlers.inbox import Message
from handlers.ports import Unreachable


async def message(desk: Desk, written: Message) -> None:
    """Answer where it was written; what only one person can see is answered to that person alone."""
    text = await _help(desk)
    with suppress(Unreachable):
        if written.targeted:
            await desk.chat.tell(written.account, text)
        else:
            await desk.chat.answer(written.service_url, written.conversation, text)


async def _help(desk: Desk) -> str:
    found = [await desk.requests.load(request_id) for request_id in await desk.requests.open_ids()]
    waiting = sum(request is not None and request.takes_votes for request in found)
    wait = {0: "No request waits", 1: "1 request waits"}.get(waiting, f"{waiting} requests wait")
    return (
        "I post requests for Intune's Multi-Admin Approval as cards in the channels of their approvers, count Approve "
        f"and Reject there, and follow each request to its end. {wait} for approval now."
    )
