"""What operators do to a running bot from a shell: pull and lift brakes, open a review. It applies to all replicas."""

import getpass
import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta

from approvals import lifting
from approvals import review as rules
from approvals.audit import AuditEntry, Kind
from approvals.brake import Brake, Operator
from approvals.emergency import Emergency
from approvals.lifting import Move
from approvals.people import Person
from approvals.policy import PolicyBook
from bot.audit_log import retention
from bot.audit_log.directory import LogDirectory
from bot.audit_log.opening import directory_of, verifiers_of
from bot.audit_log.reconcile import Reconciled
from bot.audit_log.reconcile import reconcile as compare
from bot.audit_log.rejoin import end_of, fresh
from bot.audit_log.resume import Numbered
from bot.audit_log.service import ENTRIES_PER_SEALING
from bot.cli import accepting
from bot.config.environment import Settings
from bot.config.file import (
    Config,
    ConfigError,
    load,
)
from bot.graph.http import GraphClient
from bot.graph.people import IdentityRule
from bot.policy.book import resolve, resolve_identities
from bot.policy.emergency import find_person
from bot.store import Store
from bot.store.sealed import Sealed
from bot.store.visiting import store_of
from bot.wiring.neighbours import (
    REAL_TIME,
    neighbours,
)
from cards.because import worded
from handlers.answers import braking
from handlers.ports.errors import Conflict
from handlers.ports.requests import Stored, Write
from handlers.storing.commits import MOST_TRIES


def who_operates() -> Operator:
    """Return who runs this command, and on which host. The host says so; it proves nothing."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name; KeyError before Python 3.13
        user = f"user {os.getuid()}"
    return Operator(user, socket.gethostname())


async def pause(settings: Settings, who: Operator, why: str) -> Move:
    """Pull the brake on everything. Raises `PortError` without a store."""
    async with store_of(settings) as store:
        now = await store.clock.now()
        return await braking.move(store.brakes, lambda on: lifting.pause(on, who, why, now))


async def resume(settings: Settings, who: Operator) -> Move:
    """Agree to lift the pause, as one of the two people required."""
    async with store_of(settings) as store:
        now = await store.clock.now()
        return await braking.move(store.brakes, lambda on: lifting.resume(on, who, now))


async def unlock(settings: Settings, who: Operator, name: str) -> Move:
    """Lift the lock of a policy type."""
    async with store_of(settings) as store:
        now = await store.clock.now()
        return await braking.move(store.brakes, lambda on: lifting.unlock(on, who, name, now))


async def store_found(settings: Settings) -> accepting.StoreFound:
    """Return what the store holds. Raises `PortError` without one."""
    async with store_of(settings) as store:
        return await accepting.look(store)


async def accept_store(settings: Settings, found: accepting.StoreFound, who: Operator, why: str) -> accepting.Accepted:
    """Accept the store as it was found. Raises `Conflict` if it has changed since, and `PortError`."""
    async with store_of(settings) as store:
        return await accepting.accept(store, found, who, why)


async def brakes(settings: Settings) -> tuple[Brake, ...]:
    """Return every brake that is on."""
    async with store_of(settings) as store:
        return await store.brakes.on()


async def open_review(settings: Settings, request_id: str, why: str, people: Sequence[str]) -> bool:
    """Open a review of what happened while the bot or Teams was down; return false if no request has this id.

    `request_id` is ours or Intune's. `people` took part in it, by object id or user name: they cannot close the review,
    under any of their accounts. For a shared account, none of its custodians can. Raises `ConfigError` for a person
    whom the directory does not know.
    """
    config = load(settings.config)
    async with neighbours(settings, REAL_TIME) as near, store_of(settings) as store:
        book = await resolve(config, near.graph)
        identities = await resolve_identities(config, near.graph)
        emergency = book.emergency or _closed(config, book)
        behind = [person for name in people for person in await _behind(near.graph, identities, emergency, name)]
        for _ in range(MOST_TRIES):
            await store.requests.adopt_active()
            request = await store.requests.load(request_id) or await store.requests.load_by_intune_id(request_id)
            if request is None:
                return False
            now = await store.clock.now()
            outcome = rules.open_by_operator(request, emergency, why, tuple(behind), now)
            if not rules.reviewer_ids(outcome.request):
                raise ConfigError(["countersign.emergency.reviewGroups: set it, or nobody can close this review"])
            entries = tuple(map(worded, outcome.entries))
            write = Write(outcome.request, changed=True, entries=entries, planned=outcome.planned, at=now)
            if (await store.requests.commit(write)).stored is Stored.SAVED:
                return True
    raise Conflict("the request keeps changing; try again")


async def _behind(graph: GraphClient, identities: IdentityRule, emergency: Emergency, name: str) -> tuple[Person, ...]:
    person = await find_person(graph, identities, name)
    if person is None:
        raise ConfigError([f'--person: the directory has no account "{name}"'])
    return emergency.people_behind(person)


def _closed(config: Config, book: PolicyBook) -> Emergency:
    """Return an emergency path for a policy document without one, because something may have bypassed the bot all the
    same."""
    groups = tuple({group.id: group for rule in book.rules for group in rule.workflow.groups}.values())
    within = config.countersign.emergency.review_within
    return Emergency(open=False, accounts=(), approvers=groups, review_due=within)


async def record(settings: Settings, entry: AuditEntry) -> None:
    """Store an audit entry for something done from a shell. Raises `PortError` without a store."""
    async with store_of(settings) as store:
        await store.requests.record([entry])


async def refuse_retention(settings: Settings, period: timedelta) -> tuple[timedelta | None, datetime]:
    """Return what is promised so far, and until when today's entries would be kept with this period.

    Raises `ValueError` unless the configuration has exactly this period and it is longer than the promised one, so that
    a mistake in the file is not confirmed by another.
    """
    emergency = load(settings.config).emergency_access
    configured = emergency.audit_log_retention if emergency else None
    if configured != period:
        says = f"is {retention.written(configured)}" if configured else "is not set"
        raise ValueError(f"auditLogRetention in the configuration {says}; set it to {retention.written(period)} first")
    held = retention.promised(LogDirectory(directory_of(settings)))
    if not retention.needs_confirmation(period, held):
        raise ValueError(f"{retention.written(held or period)} already applies and needs no confirmation")
    async with store_of(settings) as store:
        return held, await store.clock.now() + period


async def confirm_retention(settings: Settings, held: timedelta | None, period: timedelta) -> None:
    """Record that an operator confirms this period; `held` is the retention that the log promised until now."""
    entry = {retention.EVIDENCE: retention.written(period), "host": socket.gethostname()}
    async with store_of(settings) as store:
        before = retention.written(held) if held else ""
        confirmed = AuditEntry(
            Kind.RETENTION_CONFIRMED,
            await store.clock.now(),
            before=before,
            after=retention.written(period),
            evidence=entry,
        )
        await store.requests.record([confirmed])


async def rejoin(settings: Settings, why: str) -> str:
    """Continue sealing at the end of the log in the directory, after it or the store was lost; return the result as a
    sentence.

    Raises `LogLost` and `Busy`, `ValueError` and `OSError` for keys and files, `PortError` without a store.
    """
    log, verifiers = LogDirectory(directory_of(settings)), verifiers_of(settings)
    async with store_of(settings) as store:
        with log.writing():
            end = end_of(log, verifiers)
            before, moved = await _rejoined(store, log, end)
        entry = AuditEntry(
            Kind.REJOINED,
            await store.clock.now(),
            before=f"entry {before.number}",
            after=f"entry {end.number}",
            why=why,
            evidence={"log": log.path.name, "numbered anew": str(moved)},
        )
        await store.requests.record([entry])
    return f"Sealing continues after entry {end.number}. Entries that the log does not have yet: {moved}."


async def _rejoined(store: Store, log: LogDirectory, end: Sealed) -> tuple[Sealed, int]:
    """Return where the store thought the log ended, and how many entries got new numbers."""
    for _ in range(MOST_TRIES):
        before, last, stream = await store.sealed.load(), await store.sealed.last_number(), list[Numbered]()
        while some := await store.requests.audit(stream[-1][0] if stream else 0, ENTRIES_PER_SEALING):
            stream += some
        new = fresh(log, end, stream)
        if await store.sealed.rejoin(before, end, last, new):
            return before, len(new)
    raise Conflict("the bot keeps writing entries; stop the bot and try again")


async def reconcile(settings: Settings, since: datetime) -> Reconciled:
    """Return the approvals in Intune's own audit that the bot never saw, or that can no longer be compared."""
    async with neighbours(settings, REAL_TIME) as near, store_of(settings) as store:
        return await compare(near.graph, store.requests, since)
