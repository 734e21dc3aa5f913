"""Helpers of the reminding tests: they read what was written under cards."""

from approvals.effects import NotificationKind
from approvals.request import Request
from handlers.ports.teams import Mention
from tests.handlers.stage import APPROVALS, Stage

FILED = NotificationKind.HELD


async def shown(stage: Stage, request: Request) -> Request:
    """Post the cards of the request, forget the planned effects, and return the request."""
    await stage.journeys.posting.post(request)
    stage.forget_planned()
    return request


def lines_of(stage: Stage, place: str = APPROVALS) -> list[str]:
    """Return what was written under the newest card of the place."""
    return stage.chat.under(stage.chat.cards(place)[-1].posted.activity_id)


def mentioned(stage: Stage, place: str = APPROVALS) -> list[str]:
    """Return the names that the last line under the newest card of the place mentions."""
    line = stage.chat.replies[stage.chat.cards(place)[-1].posted.activity_id][-1]
    return [mention.name for mention in line.mentions]


def in_channel(stage: Stage, *names: str) -> None:
    """Put these accounts into the channel."""
    stage.chat.rosters[APPROVALS] = {name: Mention(f"29:{name}", name.capitalize()) for name in names}
