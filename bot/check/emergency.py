"""Checks the emergency path and the reminders."""

from collections.abc import Iterator

from bot.config.environment import Settings
from bot.config.file import Config

DoubtfulSetting = tuple[str, str]
"""A finding, and what to do."""


def doubts(settings: Settings, config: Config) -> Iterator[DoubtfulSetting]:
    """Report everything that works but may not be intended."""
    yield from _emergency(settings, config)
    yield from _reminders(config)


def _emergency(settings: Settings, config: Config) -> Iterator[DoubtfulSetting]:
    written, ours = config.emergency_access, config.countersign
    if written is None or not written.emergency_bypass_enabled:
        yield "Break-glass is not enabled", "In an emergency only the Intune portal can be used. Rehearse this."
        return
    if settings.sign_in is None:
        advice = "Set COUNTERSIGN_SIGN_IN_APP_ID and its credential. Until then break-glass only calls a second person."
        yield "Break-glass approves nothing, because there is no sign-in application", advice
    known = {name.casefold() for name in ours.emergency.custodians}
    for account in written.break_glass_accounts:
        if account.casefold() not in known:
            advice = "Set them in countersign.emergency.custodians. Otherwise nobody knows who used the account."
            yield f"{account} has no custodians", advice
    if ours.operations_channel is None and ours.on_call is None:
        yield "Alarm cards of emergencies are not posted", "Set countersign.operationsChannel or countersign.onCall."


def _reminders(config: Config) -> Iterator[DoubtfulSetting]:
    ours = config.countersign
    if ours.mailbox is None:
        yield "No mail is sent", "Set countersign.mailbox, and grant the worker Mail.Send for it (docs/setup.md)."
    if ours.on_call is None:
        yield "Nobody is paged if nobody answers", "Set countersign.onCall."
    elif not (ours.on_call.rota or ours.on_call.overrides or ours.on_call.calendar):
        yield "countersign.onCall names nobody", "Set its rota, overrides or calendar."
    if ours.business_hours is None:
        advice = "Set countersign.businessHours, so that people on call are paged sooner at night."
        yield "No business hours are set", advice
