"""Compares our records with Intune's own audit: finds approvals there that the bot never saw."""

from dataclasses import dataclass, field
from datetime import datetime

from approvals.people import Person
from approvals.request import Request, Verdict
from bot.graph.audit_events import Approval, approvals_since
from bot.graph.http import GraphClient
from bot.graph.intune import GraphIntune
from bot.graph.people import read_account
from bot.store.requests import RedisRequests
from handlers.ports.errors import Unreadable
from handlers.ports.intune import Row


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A sentence for each approval that the bot never saw, and for each that can no longer be compared."""

    unseen: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


async def reconcile(graph: GraphClient, requests: RedisRequests, since: datetime) -> Reconciled:
    """Compare every approval in Intune's audit since then with our records of who approved.

    Intune's audit covers many subjects and is kept for a year; Intune lists a request for 30 days, and we keep it for
    120. An approval of an unknown id is unclear: the id may belong to a request or to something else.
    """
    found, listed = Reconciled(), dict[str, Row]()
    try:
        async for row in GraphIntune(graph).changed_since(since):
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
    """Return the object id of a person whom the audit names by user name."""
    account = await read_account(graph, name) if "@" in name else None
    return (account.id if account else name).casefold()


def _approved(request: Request) -> set[str]:
    """Return every account of everybody who approved the request by our records, here or in Intune."""
    people: list[Person | None] = [vote.voter for vote in request.votes if vote.verdict is Verdict.APPROVE]
    people += [request.intune_approver, request.carry.by if request.carry else None]
    return {account.casefold() for one in people if one for account in (one.account, *one.accounts)}


def _sentence(approval: Approval, what: str, why: str) -> str:
    return f"{approval.at:%Y-%m-%d %H:%M} UTC: {approval.who} approved {what.strip()}, and {why}."
