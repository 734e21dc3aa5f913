"""Tell incidents to the operations channel, and incidents and alarms to recipients outside of the tenant."""

from dataclasses import dataclass

import structlog

from approvals.effects import (
    CallOut,
    CallOutIncident,
    NotificationKind,
    SayIncident,
)
from approvals.request import Request
from cards import alarms
from handlers.ports.outside import News, NewsKind, Outside
from handlers.ports.teams import Chat

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Alarming:
    """Tells operators. Without `outside` nobody outside of the tenant is told; `operations_channel` is empty if there
    is none."""

    chat: Chat
    operations_channel: str
    outside: Outside | None

    async def say(self, text: str) -> None:
        """Log an event, and write it to the operations channel if there is one."""
        log.error("brake_moved", text=text)
        if self.operations_channel:
            await self.chat.say(self.operations_channel, text)

    async def tell(self, effect: SayIncident | CallOutIncident) -> None:
        """Tell an incident to the recipient of the effect."""
        incident = effect.incident
        if isinstance(effect, SayIncident):
            log.error("alarm", incident=incident.id, concern=incident.concern, text=incident.text)
            if self.operations_channel:
                await self.chat.say(self.operations_channel, incident.text)
            return
        kind, text = NewsKind.OVER if incident.over else NewsKind.ALARM, alarms.without_accounts(incident.text)
        await self._outside(News(incident.id, kind, incident.concern, text, incident.at))

    async def call_out(self, request: Request, effect: CallOut) -> None:
        """Send an alarm or a page outside. Its id is the same however often it is sent."""
        identity = f"{request.id}-{effect.notification}-{int(effect.at.timestamp() * 1000)}"
        kind = NewsKind.PAGE if effect.notification is NotificationKind.PAGED else NewsKind.ALARM
        text = alarms.outside(request, effect.notification)
        await self._outside(News(identity, kind, effect.notification, text, effect.at, request.id))

    async def _outside(self, news: News) -> None:
        if self.outside is not None:
            await self.outside.tell(news)
            log.info("told_outside", news=news.id)
