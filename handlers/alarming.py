"""Telling incidents to the operations channel, and incidents and alarms to somebody outside of the tenant."""

import structlog

from approvals.effects import CallOut, CallOutIncident, Occasion, SayIncident
from approvals.request import Request
from cards import alarms
from handlers.desk import Desk
from handlers.ports.outside import News, NewsKind

log = structlog.get_logger(__name__)


async def tell(desk: Desk, effect: SayIncident | CallOutIncident) -> None:
    """Tell an incident, to whom the effect says."""
    incident = effect.incident
    if isinstance(effect, SayIncident):
        log.error("alarm", incident=incident.id, concern=incident.concern, text=incident.text)
        if desk.operations_channel:
            await desk.chat.say(desk.operations_channel, incident.text)
        return
    kind, text = NewsKind.OVER if incident.over else NewsKind.ALARM, alarms.without_accounts(incident.text)
    await _outside(desk, News(incident.id, kind, incident.concern, text, incident.at))


async def call_out(desk: Desk, request: Request, effect: CallOut) -> None:
    """Tell an alarm or a page outside. Its id is the same however often it is sent."""
    identity = f"{request.id}-{effect.occasion}-{int(effect.at.timestamp() * 1000)}"
    kind = NewsKind.PAGE if effect.occasion is Occasion.PAGED else NewsKind.ALARM
    text = alarms.outside(request, effect.occasion)
    await _outside(desk, News(identity, kind, effect.occasion, text, effect.at, request.id))


async def _outside(desk: Desk, news: News) -> None:
    if desk.outside is not None:
        await desk.outside.tell(news)
        log.info("told_outside", news=news.id)
