"""The section of the configuration file about alarms outside the tenant."""

from typing import Annotated

from pydantic import AfterValidator, Field
from yarl import URL

from bot.config.parts import Positive, Section


def _address(written: str) -> str:
    """Return the address. Raises `ValueError` if no signed message may be sent to it."""
    try:
        url = URL(written)
    except ValueError:
        url = URL()
    if url.scheme != "https" or not url.host or url.user or url.password or url.fragment:
        raise ValueError("this must be an https address without user name, password and fragment")
    return written


AlarmAddress = Annotated[str, AfterValidator(_address)]


class AlarmSettings(Section):
    """Receivers of alarms outside the tenant. COUNTERSIGN_ALARM_ORIGINS must allow the origins of their addresses."""

    webhook: AlarmAddress | None = Field(
        default=None,
        description="Alarms and pages are posted here as signed CloudEvents. Needs COUNTERSIGN_ALARM_WEBHOOK_SECRET.",
    )
    heartbeat: AlarmAddress | None = Field(
        default=None,
        description="This address is called every minute while at least one replica polls and does its work.",
    )
    no_poll_for: Positive | None = Field(
        default=None,
        description="ISO 8601 duration: an alarm is raised if no poll was complete for this time. "
        "Default: ten minutes, or three polls if that is longer.",
    )
