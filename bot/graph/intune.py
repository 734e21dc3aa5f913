"""Approval requests in Intune: the port `Intune` over Microsoft Graph."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import structlog

from approvals.request import Verdict
from bot.graph import audit_events, loose
from bot.graph.content import read_content
from bot.graph.devices import read_among_many, read_device
from bot.graph.http import GraphClient
from bot.graph.present import DefinitionNames
from bot.graph.rows import parse_row
from handlers.ports.errors import Unreadable
from handlers.ports.intune import (
    ApprovalEvent,
    Audited,
    Content,
    DeviceNow,
    Identity,
    IsNews,
    Row,
    nothing_else,
)
from handlers.ports.sign_in import UserToken

_REQUESTS = "/beta/deviceManagement/operationApprovalRequests"  # exists in beta only
LONGEST_NOTE = 1024  # characters that Intune accepts as a justification

log = structlog.get_logger(__name__)


class GraphIntune:
    """Reads as the application, decides as a person."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client
        self._names = DefinitionNames(client)

    async def changed_since(self, since: datetime | None, is_news: IsNews = nothing_else) -> AsyncIterator[Row]:
        """Requests of every status that changed at or after `since`, and those that are news whenever they changed, in
        no particular order.

        Graph does not filter: it refuses some filters and promises no order. A request that does not say when it
        changed is always included. If some cannot be read, this raises `Unreadable` after all the others.
        """
        unreadable: list[str] = []
        async for raw in self._client.items(_REQUESTS):
            if not (_changed(raw, since) or is_news(loose.text(raw, "id"), loose.text(raw, "status"))):
                continue
            try:
                row = _read(raw)
            except Unreadable as trouble:
                unreadable += trouble.ids
                continue
            yield row
        if unreadable:
            raise Unreadable(f"Intune lists {len(unreadable)} requests that cannot be read", ids=unreadable)

    async def get(self, intune_id: str) -> Row:
        """Return one request; raise `NotFound` if it is gone or hidden."""
        return _read(await self._client.get(_path(intune_id)))

    async def content(self, row: Row) -> Content:
        """Return what the payload points to, as far as it can be read."""
        return await read_content(self._client, row, self._names)

    async def device_facts(self, device_id: str) -> tuple[tuple[str, str], ...]:
        """Return label and value of what an approver wants to know of a device now; raise `NotFound` if it is gone."""
        return await read_device(self._client, device_id)

    async def devices_now(self, device_ids: Sequence[str]) -> tuple[DeviceNow | None, ...]:
        """Return these devices in their order; `None` for each that is gone or hidden."""
        return tuple(await asyncio.gather(*(read_among_many(self._client, one) for one in device_ids)))

    async def who_filed(self, intune_id: str) -> Identity | None:
        """Return the requestor from Intune's audit events, for rows that do not name one."""
        row = await self.get(intune_id)
        events = await audit_events.events_about(self._client, row.id, row.filed_at)
        return audit_events.filer(events, row.filed_at)

    async def who_approved(self, intune_id: str) -> ApprovalEvent | None:
        """Return the latest approval from Intune's audit events, for rows that do not say who gave it, or when."""
        row = await self.get(intune_id)
        return audit_events.approval(await audit_events.events_about(self._client, row.id, row.filed_at))

    async def actions_of(self, accounts: Collection[str], since: datetime) -> list[Audited]:
        """Return what these accounts have changed in Intune since this time, from Intune's audit."""
        return await audit_events.actions_of(self._client, accounts, since)

    async def decide(self, intune_id: str, verdict: Verdict, note: str, token: UserToken) -> str:
        """Approve or reject in that person's name, once, without retry. Return Graph's request-id."""
        return await self._say(intune_id, verdict.value, note, token)

    async def cancel_approval(self, intune_id: str, note: str, token: UserToken) -> str:
        """Withdraw a native approval in that person's name. Return Graph's request-id."""
        return await self._say(intune_id, "cancelApproval", note, token)

    async def _say(self, intune_id: str, verb: str, note: str, token: UserToken) -> str:
        # Graph has no source for a chat; every tool sends the console's.
        body = {"justification": note[:LONGEST_NOTE], "approvalSource": "adminConsole"}
        return await self._client.write(f"{_path(intune_id)}/{verb}", body, token)


def _changed(raw: Any, since: datetime | None) -> bool:
    changed = loose.moment(raw, "lastModifiedDateTime")
    return since is None or changed is None or changed >= since


def _read(raw: Any) -> Row:
    """Parse one request; raise `Unreadable` whatever is wrong with it, because only this request is affected."""
    try:
        return parse_row(raw)
    except Exception as trouble:
        intune_id = loose.text(raw, "id") or "a request without an id"
        log.warning("row_not_readable", intune_id=intune_id, why=type(trouble).__name__)
        raise Unreadable(f"{intune_id} cannot be read ({type(trouble).__name__})", ids=[intune_id]) from trouble


def _path(intune_id: str) -> str:
    return f"{_REQUESTS}/{quote(intune_id, safe='')}"
