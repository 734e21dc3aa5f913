"""How long a log is kept: durations that are a number of days, and what the log itself says of it."""

from datetime import timedelta

import structlog

from approvals.audit import Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import read
from bot.config.durations import duration

TEN_YEARS = timedelta(days=3653)
"""With their leap days. No usual duty to keep records is longer, so a longer one is asked about even at first."""

EVIDENCE = "auditLogRetention"
"""What an entry calls the retention that was loaded or confirmed."""

_SAYING = tuple(f'"kind":"{kind}"'.encode() for kind in (Kind.CONFIG_LOADED, Kind.RETENTION_CONFIRMED, Kind.PRUNED))

log_of_program = structlog.get_logger(__name__)


def written(retention: timedelta) -> str:
    """The same as text."""
    return f"P{retention.days}D"


def promised(log: LogDirectory) -> timedelta | None:
    """Return how long entries have to be kept, by the log itself; `None` as long as nothing says so.

    The first retention that was loaded is promised, if it is no longer than ten years. A longer one is only once an
    operator has confirmed it: a typing error would hold for ever, for what was promised is never shortened. What was
    promised when earlier days were removed, the record of that says. `ValueError` for a log that cannot be read.
    """
    found = max(map(duration, log.pruned_by()), default=None)
    for line in (line for day in log.days() for line in log.lines(day) if any(kind in line for kind in _SAYING)):
        fields = read(line)
        said = fields["evidence"].get(EVIDENCE) or fields["evidence"].get("retention")
        if said and not (fields["kind"] == Kind.CONFIG_LOADED and needs_confirmation(duration(said), found)):
            found = max(duration(said), found or timedelta())
    return found


def needs_confirmation(configured: timedelta, held: timedelta | None) -> bool:
    """Return whether a retention holds only once an operator has confirmed it; `held` is what is promised."""
    return configured > (held or TEN_YEARS)


def why_not_yet(configured: timedelta, held: timedelta | None) -> str:
    """Return why a configured retention does not hold, and what to do; empty if nothing has to be done."""
    if not needs_confirmation(configured, held):
        return ""
    longer = f"the {written(held)} that hold" if held else "ten years"
    return (
        f"auditLogRetention {written(configured)} is longer than {longer}, and holds only once it is confirmed: "
        f"python -m bot audit retention confirm {written(configured)}. If it is a typing error, correct it"
    )


def tell(log: LogDirectory, configured: timedelta) -> None:
    """Say in the program's own log that the configured retention does not hold yet, if that is so."""
    try:
        why = why_not_yet(configured, promised(log))
    except (OSError, ValueError) as error:
        why = f"the audit cannot be read: {error}"
    if why:
        log_of_program.warning("audit_retention_not_confirmed", why=why)
