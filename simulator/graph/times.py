"""Timestamps in Graph's formats."""

from datetime import UTC, datetime


def plain(moment: datetime) -> str:
    """Return a timestamp without a zero fraction: 2026-11-23T08:00:00Z."""
    return precise(moment) if moment.microsecond else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def precise(moment: datetime) -> str:
    """Return a timestamp with seven digits, as in .NET: 2026-11-23T08:00:00.1234560Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


def parsed(text: str) -> datetime:
    """Parse a timestamp in either format; raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
