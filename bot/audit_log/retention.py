"""How long a log is kept: durations that are a number of days, and what the log itself says of it."""

import re
from datetime import timedelta

from approvals.audit import Kind
from bot.audit_log.directory import LogDirectory
from bot.audit_log.entries import read

LONGEST = 36_500
"""Days, a hundred years: what is longer is a slip of the finger."""

EVIDENCE = "auditLogRetention"
"""What an entry of a loaded configuration calls the retention that it says."""

_DURATION = re.compile(r"P(\d{1,6})([DW])")
_KIND = f'"kind":"{Kind.CONFIG_LOADED}"'.encode()


def duration(written: str) -> timedelta:
    """The duration in an ISO 8601 text; `ValueError` unless it is so many days or weeks. A month has no length."""
    found = _DURATION.fullmatch(written)
    days = int(found[1]) * (7 if found[2] == "W" else 1) if found else 0
    if not 0 < days <= LONGEST:
        raise ValueError(f"this must be an ISO 8601 duration in days or weeks such as P2555D, of at most P{LONGEST}D")
    return timedelta(days=days)


def written(retention: timedelta) -> str:
    """The same as text."""
    return f"P{retention.days}D"


def longest_loaded(log: LogDirectory) -> timedelta | None:
    """The longest retention of any configuration that the log says was loaded."""
    found = [
        duration(read(line)["evidence"][EVIDENCE])
        for day in log.days()
        for line in log.lines(day)
        if _KIND in line and EVIDENCE in read(line)["evidence"]
    ]
    return max(found, default=None)
