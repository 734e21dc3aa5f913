"""`python -m bot audit prune`: verify, show what would be removed, ask, remove exactly that, and record it."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.prompt import Confirm
from rich.text import Text

from approvals.audit import AuditEntry, Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.note import Verifier
from bot.audit_log.prune import Pruning, evidence_of, newest, prunable, prune
from bot.audit_log.retention import promised, why_not_yet
from bot.audit_log.verdict import Result
from bot.audit_log.verify import OnProgress, verify
from bot.config.environment import SettingsError, read
from bot.config.file import load
from handlers.ports.errors import PortError


def planned(log: LogDirectory, keys: Sequence[Verifier], config: Path, progress: OnProgress) -> Pruning | None:
    """Return what may be removed. Raises `ValueError` if that is uncertain. Writes nothing to the log."""
    retention, emergency = promised(log), load(config).emergency_access
    if emergency is None:
        raise ValueError("the configuration has no emergencyAccess.auditLogRetention; set it first")
    if why := why_not_yet(emergency.audit_log_retention, retention):
        raise ValueError(why)  # the configuration asks for more, which is not confirmed yet: nothing is removed
    if retention is None:
        raise ValueError("the log does not promise a retention yet; start the bot, and try again when it has sealed")
    now = newest(log, datetime.now(UTC))  # noqa: TID251  this host's clock; the result is never later
    with log.writing():  # a log that is being written to is incomplete
        verdict = verify(log, keys, progress=progress, kept_since=now - retention)
    if verdict.result is not Result.GOOD:
        raise ValueError(f"the log cannot be pruned, because it does not verify: {verdict.sentence}")
    return prunable(log, retention, now)


def carry_out(log: LogDirectory, plan: Pruning | None, *, yes: bool) -> int:
    """Show the plan, ask, and remove the days; return the exit status."""
    console = Console(soft_wrap=True)
    if plan is None:
        console.print("Nothing is old enough to be removed.")
        return 0
    days = "1 day" if len(plan.days) == 1 else f"{len(plan.days)} days"
    said = evidence_of(plan)
    console.print(f"Older than {said['retention']}: {days}, {said['days']}, entries {said['entries']}.")
    if not (yes or Confirm.ask("Remove their entries?", default=False)):
        return 0
    at = datetime.now(UTC)  # noqa: TID251  this host's clock
    with log.writing():
        prune(log, plan, at)
    console.print(f"Removed the entries. Their checkpoints are kept, and {log.prunings.name} lists what was removed.")
    console.print(Text(asyncio.run(_recorded(AuditEntry(Kind.PRUNED, at, evidence=said))), style="dim"))
    return 0


async def _recorded(entry: AuditEntry) -> str:
    """Record an entry in the log itself, if the bot's store can be reached; return what to print."""
    operators = import_module("bot.cli.operators")  # imports the whole bot, which verifying does not need
    try:
        await operators.record(read(), entry)
    except (SettingsError, PortError, ValueError) as error:
        return f"The removal is not recorded in the log itself: {str(error).splitlines()[0]}"
    return "The removal is recorded in the log as well."
