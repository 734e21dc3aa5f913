"""The configuration file's part about alarms outside the tenant: who gets them, and when."""

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
        raise ValueError("this must be an https address, without a name, a password or a fragment in it")
    return written


Address = Annotated[str, AfterValidator(_address)]


class AlarmSettings(Section):
    """Who hears of alarms outside of the tenant. Addresses have to be on the environment's list of origins."""

    webhook: Address | None = Field(
        default=None, description="Alarms and pages are posted there as signed CloudEvents. Needs a secret."
    )
    heartbeat: Address | None = Field(
        default=None, description="Called every minute for as long as some replica polls and works."
    )
    no_poll_for: Positive | None = Field(
        default=None,
        description="ISO 8601 duration: no complete poll for so long alarms. Ten minutes, or three polls if that is "
        "longer.",
    )
