"""How tests of this room look at what was written under cards."""

from approvals.effects import NotificationKind
from approvals.request import Request
from handlers.ports.teams import Mention
from tests.handlers.stage import APPROVALS, Stage

FILED = NotificationKind.HELD


async def shown(stage: Stage, request: Request) -> Request:
    """With its cards; whatever was planned is done."""
    await stage.journeys.posting.post(request)
    stage.forget_planned()
    return request


def lines_of(stage: Stage, place: str = APPROVALS) -> list[str]:
    """What was written under the newest card of a place."""
    return stage.chat.under(stage.chat.cards(place)[-1].posted.activity_id)


def mentioned(stage: Stage, place: str = APPROVALS) -> list[str]:
    """Whom the last line under the newest card of a place notifies."""
    line = stage.chat.replies[stage.chat.cards(place)[-1].posted.activity_id][-1]
    return [mention.name for mention in line.mentions]


def in_channel(stage: Stage, *names: str) -> None:
    """They are in the channel, by account."""
    stage.chat.rosters[APPROVALS] = {name: Mention(f"29:{name}", name.capitalize()) for name in names}
