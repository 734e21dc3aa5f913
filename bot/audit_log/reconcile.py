"""Comparing ours with Intune's own audit: approvals there that the bot never saw."""

from dataclasses import dataclass, field
from datetime import datetime

from approvals.people import Person
from approvals.request import Request, Verdict
from bot.graph.audit_events import Approval, approvals_since
from bot.graph.http import GraphClient
from bot.graph.intune import Intune
from bot.graph.people import read_account
from bot.store.requests import RedisRequests
from handlers.ports.errors import Unreadable
from handlers.ports.intune import Row


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A sentence for each approval that the bot never saw, and for each that cannot be compared any more."""

    unseen: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


async def reconcile(graph: GraphClient, requests: RedisRequests, since: datetime) -> Reconciled:
    """Every approval in Intune's audit since then, beside who approved by our records.

    Intune's audit speaks of many things and keeps them for a year; Intune lists a request for 30 days, and we know it
    for 120. What names neither is unclear: it may have been a request, or never was one.
    """
    found, listed = Reconciled(), dict[str, Row]()
    try:
        async for row in Intune(graph).changed_since(since):
            listed[row.id.casefold()] = row
    except Unreadable as trouble:
        found.unclear.append(f"{trouble}: {', '.join(trouble.ids)}.")
    for approval in await approvals_since(graph, since):
        known = [one for name in approval.about if (one := await requests.load_by_intune_id(name))]
        rows = [listed[name.casefold()] for name in approval.about if name.casefold() in listed]
        await _compare(graph, approval, known, rows, found)
    return found


async def _compare(
    graph: GraphClient, approval: Approval, known: list[Request], rows: list[Row], found: Reconciled
) -> None:
    if not approval.by:
        found.unclear.append(_sentence(approval, "something", "cannot be compared: nobody is named"))
    elif known:
        account = await _account(graph, approval.by)
        if not any(account in _approved(request) for request in known):
            one = known[0]
            found.unseen.append(_sentence(approval, one.subject.target, f"our records do not say so ({one.id})"))
    elif rows:
        what = f"{rows[0].action or rows[0].operation} {rows[0].target}"
        found.unseen.append(_sentence(approval, what, f"it is not known here ({rows[0].id})"))
    else:
        what = f"something ({', '.join(approval.about) or 'without an id'})"
        found.unclear.append(_sentence(approval, what, "cannot be compared: neither Intune nor Countersign has it now"))


async def _account(graph: GraphClient, name: str) -> str:
    """The object id of whom the audit names by their user name."""
    account = await read_account(graph, name) if "@" in name else None
    return (account.id if account else name).casefold()


def _approved(request: Request) -> set[str]:
    """Every account of everybody who approved it by our records, here or in Intune."""
    people: list[Person | None] = [vote.voter for vote in request.votes if vote.verdict is Verdict.APPROVE]
    people += [request.intune_approver, request.carry.by if request.carry else None]
    return {account.casefold() for one in people if one for account in (one.account, *one.accounts)}


def _sentence(approval: Approval, what: str, why: str) -> str:
    return f"{approval.at:%Y-%m-%d %H:%M} UTC: {approval.who} approved {what.strip()}, and {why}."
