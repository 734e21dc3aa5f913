"""Checks the emergency path and the reminders."""

from collections.abc import Iterator

from bot.config.environment import Settings
from bot.config.file import Config

Doubt = tuple[str, str]
"""A finding, and what to do."""


def doubts(settings: Settings, config: Config) -> Iterator[Doubt]:
    """Report everything that works but may not be intended."""
    yield from _emergency(settings, config)
    yield from _reminders(config)


def _emergency(settings: Settings, config: Config) -> Iterator[Doubt]:
    written, ours = config.emergency_access, config.countersign
    if written is None or not written.emergency_bypass_enabled:
        yield "Nobody may break glass", "In an emergency there is only the Intune portal. Rehearse that."
        return
    if settings.sign_in is None:
        advice = "Set the sign-in application; until then breaking the glass only calls for a second person."
        yield "Nobody can sign in, so the glass decides nothing", advice
    known = {name.casefold() for name in ours.emergency.custodians}
    for account in written.break_glass_accounts:
        if account.casefold() not in known:
            advice = "Name its custodians in countersign.emergency, or nobody knows who was behind it."
            yield f"{account} has no custodians", advice
    if ours.operations_channel is None and ours.on_call is None:
        yield "Alarm cards of emergencies go nowhere", "Set operationsChannel or onCall."


def _reminders(config: Config) -> Iterator[Doubt]:
    ours = config.countersign
    if ours.mailbox is None:
        yield "No mail is sent", "Set countersign.mailbox, and let the worker send as that mailbox."
    if ours.on_call is None:
        yield "Nobody is paged when nobody answers", "Set countersign.onCall."
    elif not (ours.on_call.rota or ours.on_call.overrides or ours.on_call.calendar):
        yield "onCall names nobody", "Give it a rota or a calendar."
    if ours.business_hours is None:
        advice = "Set countersign.businessHours, so that those on call are asked sooner at night."
        yield "No business hours are set", advice
