"""Timestamps the way Graph writes them."""

from datetime import UTC, datetime


def plain(moment: datetime) -> str:
    """Without a fraction where there is none: 2026-11-23T08:00:00Z."""
    return precise(moment) if moment.microsecond else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def precise(moment: datetime) -> str:
    """With seven digits, as .NET counts: 2026-11-23T08:00:00.1234560Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


def parsed(text: str) -> datetime:
    """Either of them back; raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
