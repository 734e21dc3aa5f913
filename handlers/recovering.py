"""Looking again, after another server answers for the store, or after it went back: nothing is taken for granted.

What the store has lost cannot be brought back. So Intune is read, every order is searched for there, every card is
drawn anew, and people are told whose votes may be missing; only then do calls to Intune go on.
"""

import structlog

from approvals.audit import AuditEntry, Kind
from approvals.brake import RECOVERY
from approvals.effects import LookAgain, Occasion, Planned, Recheck, RefreshCards, Reply, told
from approvals.filing import hold_back
from approvals.incident import Concern, Incident
from cards import words
from handlers.commits import commit
from handlers.desk import Desk
from handlers.poll import end_if_away, look, read_intune
from handlers.ports.continuity import Loss
from handlers.ports.errors import PortError

MOST_NAMED = 20
"""Requests that one line names; whoever wants more finds it in the log."""

_FOUND = "Intune was searched for every order, and calls to it go on."
_DELAYED = (
    "Intune, or what it takes to read it, does not answer now. Nothing is filed, approved or carried out there until "
    "every order was searched for."
)

log = structlog.get_logger(__name__)


async def look_again(desk: Desk) -> None:
    """Bring everything that is open in line with Intune; then say what was lost, if anything was, and let calls go on.

    Raises what the neighbours raise: nothing goes on before Intune has said what it holds. One request that cannot be
    read holds nothing up: it is looked at again before each of its own calls.
    """
    loss = await desk.continuity.loss()
    try:
        open_ids = await _look_at_all(desk)
    except PortError:
        if loss is not None and not loss.told:
            await _tell_of_delay(desk, loss)
        raise
    now = await desk.clock.now()
    await desk.outbox.plan([Planned(RefreshCards(request_id)) for request_id in open_ids], now)
    if loss is not None:
        await _go_on(desk, loss)


async def _look_at_all(desk: Desk) -> list[str]:
    await read_intune(desk)
    open_ids = [request.id for request in await desk.requests.open()]
    for request_id in open_ids:
        try:
            await look(desk, request_id)
        except PortError as error:
            await end_if_away(desk, error)
            log.warning("request_not_visible", request_id=request_id, error=f"{type(error).__name__}: {error}")
    return open_ids


async def _tell_of_delay(desk: Desk, loss: Loss) -> None:
    """Alarm of the loss before it is looked for, once: that may take as long as a neighbour is away."""
    now = await desk.clock.now()
    why = f"{await _told_of(desk, loss)} {_DELAYED}"
    await desk.outbox.plan(told(Incident.at_once(Concern.STORE, f"Alarm: {why}", now)), now)
    await desk.continuity.told()


async def _go_on(desk: Desk, loss: Loss) -> None:
    for request in await desk.requests.open():
        if request.id in loss.ended:
            await commit(desk, request.id, hold_back)
    now = await desk.clock.now()
    why = f"{await _told_of(desk, loss)} {_FOUND}"
    entry = AuditEntry(Kind.STORE_WENT_BACK, now, why=why, evidence={"requests": " ".join(loss.requests)})
    planned = [*told(Incident.at_once(Concern.STORE, f"Alarm: {why}", now)), Planned(Recheck(RECOVERY))]
    planned += [Planned(Reply(request_id, Occasion.STORE_WENT_BACK)) for request_id in loss.requests]
    if not await desk.continuity.recovered(loss, [entry], planned):
        await desk.outbox.plan([Planned(LookAgain())], now)
        return
    log.error("store_recovered", entries=loss.entries, requests=loss.requests)


async def _told_of(desk: Desk, loss: Loss) -> str:
    named = [await _named(desk, request_id) for request_id in loss.requests[:MOST_NAMED]]
    entries = "1 entry" if loss.entries == 1 else f"{loss.entries} entries"
    more = f" and {len(loss.requests) - len(named)} more" if len(loss.requests) > len(named) else ""
    touched = f"Requests that are touched: {'; '.join(named)}{more}." if named else "No request is known to be touched."
    return (
        f"The store of Countersign went back and has lost {entries} that it had acknowledged. {touched} Votes on them "
        "may be missing, and what was withdrawn or called off may stand again: please look at their cards."
    )


async def _named(desk: Desk, request_id: str) -> str:
    request = await desk.requests.load(request_id)
    return f"{words.title_of(request)} ({request_id})" if request else f"{request_id}, which is gone"
