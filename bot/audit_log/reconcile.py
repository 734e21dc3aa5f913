"""Comparing ours with Intune's own audit: approvals there that the bot never saw."""

from collections.abc import AsyncIterator
from datetime import datetime

from bot.graph.audit_events import Approval, approvals_since
from bot.graph.http import GraphClient
from bot.graph.intune import Intune
from bot.store.requests import RedisRequests


async def unseen(graph: GraphClient, requests: RedisRequests, since: datetime) -> AsyncIterator[str]:
    """One sentence for each approval of a request since then that is not in our records.

    Intune's audit speaks of many things, so only what Intune lists as a request, or what we know as one, is compared.
    """
    listed = {row.id.casefold(): row async for row in Intune(graph).changed_since(since)}
    for approval in await approvals_since(graph, since):
        for intune_id in approval.about:
            known = await requests.load_by_intune_id(intune_id)
            row = listed.get(intune_id.casefold())
            if known is None and row is not None:
                yield _sentence(approval, f"{row.action or row.operation} {row.target}", intune_id, "is not known here")
            elif known is not None and known.intune_approver is None and not known.votes:
                yield _sentence(approval, known.subject.target, known.id, "has no approver in our records")


def _sentence(approval: Approval, what: str, identity: str, why: str) -> str:
    return f"{approval.at:%Y-%m-%d %H:%M} UTC: {approval.who} approved {what.strip()}, and it {why} ({identity})."
