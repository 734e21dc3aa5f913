"""How long a log is kept: retentions in days, and which one the log itself promises."""

from datetime import timedelta

import structlog

from approvals.audit import Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import read
from bot.config.durations import duration

TEN_YEARS = timedelta(days=3653)
"""Including leap days. Usual record-keeping duties are shorter, so a longer retention must be confirmed even at
first."""

EVIDENCE = "auditLogRetention"
"""The evidence key of the retention that was loaded or confirmed."""

_SAYING = tuple(f'"kind":"{kind}"'.encode() for kind in (Kind.CONFIG_LOADED, Kind.RETENTION_CONFIRMED, Kind.PRUNED))

log_of_program = structlog.get_logger(__name__)


def written(retention: timedelta) -> str:
    """Return the retention as text."""
    return f"P{retention.days}D"


def promised(log: LogDirectory) -> timedelta | None:
    """Return the retention that the log itself promises; `None` if it promises none.

    The first retention that was loaded is promised if it is at most ten years. A longer one needs an operator's
    confirmation, because a promise is never shortened and a typing error would stay for ever. For removed days, the
    record of their removal counts. Raises `ValueError` for an unreadable log.
    """
    found = max(map(duration, log.pruned_by()), default=None)
    for line in (line for day in log.days() for line in log.lines(day) if any(kind in line for kind in _SAYING)):
        fields = read(line)
        said = fields["evidence"].get(EVIDENCE) or fields["evidence"].get("retention")
        if said and not (fields["kind"] == Kind.CONFIG_LOADED and needs_confirmation(duration(said), found)):
            found = max(duration(said), found or timedelta())
    return found


def needs_confirmation(configured: timedelta, held: timedelta | None) -> bool:
    """Return whether an operator has to confirm the configured retention; `held` is the one that the log promises."""
    return configured > (held or TEN_YEARS)


def why_not_yet(configured: timedelta, held: timedelta | None) -> str:
    """Return why a configured retention is not in force, and what to do; empty if it is."""
    if not needs_confirmation(configured, held):
        return ""
    longer = f"the {written(held)} that hold" if held else "ten years"
    return (
        f"auditLogRetention {written(configured)} is longer than {longer}, and applies only after it is confirmed: "
        f"python -m bot audit retention confirm {written(configured)}. If it is a typing error, correct it"
    )


def tell(log: LogDirectory, configured: timedelta) -> None:
    """Log a warning if the configured retention is not in force."""
    try:
        why = why_not_yet(configured, promised(log))
    except (OSError, ValueError) as error:
        why = f"the audit cannot be read: {error}"
    if why:
        log_of_program.warning("audit_retention_not_confirmed", why=why)
