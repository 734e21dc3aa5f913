"""The configuration file's parts about reminders, business hours, on-call people and emergencies."""

import re
from datetime import time, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from approvals.ladder import Rung
from bot.config.mistakes import all_different
from bot.config.parts import (
    Channel,
    Date,
    Day,
    Groups,
    Moment,
    Name,
    Names,
    Positive,
    Section,
    TimeOfDay,
    known_time_zone,
    regular_expression,
)


class LadderStep(Section):
    """One step of the ladder of reminders."""

    after: Annotated[timedelta, Field(ge=timedelta())] = Field(description="ISO 8601 duration since the ladder began.")
    do: Rung = Field(
        description='"thread": a line under the card. "chat": a message to each. "mail": a mail to each. "on-call": a '
        "card in the on-call chat, and the people on call are paged one after the other."
    )


def _in_order(steps: tuple[LadderStep, ...]) -> tuple[LadderStep, ...]:
    if [step.after for step in steps] != sorted(step.after for step in steps):
        raise ValueError("the steps must stand in the order of their times")
    return steps


Steps = Annotated[tuple[LadderStep, ...], AfterValidator(_in_order)]


def _minutes(**steps: int) -> tuple[LadderStep, ...]:
    made = ({"after": timedelta(minutes=after), "do": Rung(rung.replace("_", "-"))} for rung, after in steps.items())
    return tuple(LadderStep.model_validate(step) for step in made)


class ReminderSettings(Section):
    """Who is reminded of a request that waits, when and how."""

    standard: Steps = Field(default=_minutes(thread=120, chat=240, mail=480, on_call=1200), description="The ladder.")
    urgent: Steps = Field(default=_minutes(thread=10, chat=20, mail=30, on_call=45), description="For urgent requests.")
    skip_outside_hours: int = Field(
        default=0, ge=0, le=20, description="How many of the first steps are left out outside business hours."
    )
    skip_outside_hours_urgent: int = Field(
        default=3, ge=0, le=20, description="The same for urgent requests; the rest comes as much earlier."
    )


class BusinessHours(Section):
    """When people are at work."""

    time_zone: Annotated[str, AfterValidator(known_time_zone)] = Field(
        description='An IANA name such as "Europe/Berlin".'
    )
    days: Annotated[tuple[Day, ...], Field(min_length=1), AfterValidator(all_different)] = Field(
        default=("Mon", "Tue", "Wed", "Thu", "Fri"), description="Days of the week."
    )
    opens: TimeOfDay = Field(default=time(8), description='Local time as "08:00".')
    closes: TimeOfDay = Field(default=time(18), description='Local time; at or before "opens" means the next day.')
    holidays: tuple[Date, ...] = Field(default=(), description="Days on which nobody is at work, as 2026-12-25.")


class ShiftSettings(Section):
    """Who is on call every week at this time."""

    days: Annotated[tuple[Day, ...], Field(min_length=1), AfterValidator(all_different)]
    start: TimeOfDay
    end: TimeOfDay = Field(description="At or before the start means the next day.")
    people: Names = Field(description="User principal names or object ids; the first is paged first.")


class Override(Section):
    """Who is on call instead, from one moment to another."""

    start: Moment = Field(alias="from", description="Local time as 2026-12-24T18:00.")
    end: Moment = Field(alias="until")
    people: Names


def _over_https(address: str) -> str:
    """Return the address as https. On-call products give `webcal://` addresses, which calendars open as https."""
    return re.sub("^webcals?:", "https:", address)


class OnCallSettings(Section):
    """Who is paged when nobody answers, and where."""

    chat: Channel = Field(description="The on-call chat or channel, by its Teams id.")
    acknowledge_within: Positive = Field(
        default=timedelta(minutes=10), description="ISO 8601 duration; then the next person is paged."
    )
    time_zone: Annotated[str, AfterValidator(known_time_zone)] = Field(default="UTC", description="Of the rota.")
    rota: tuple[ShiftSettings, ...] = Field(default=(), description="Weekly shifts; the first that fits holds.")
    overrides: tuple[Override, ...] = Field(default=(), description="They go before the rota.")
    calendar: Annotated[str, AfterValidator(_over_https)] = Field(
        default="",
        pattern=r"^((https|webcals?)://\S+)?$",
        description="An iCalendar feed; it goes before the rota. Whoever knows its address can read it.",
    )


class EmergencySettings(Section):
    """What the policy document leaves open about the emergency path."""

    groups: Groups | None = Field(default=None, description="Members may break glass with their own accounts.")
    custodians: dict[Name, Names] = Field(
        default={}, description="By a shared account's user principal name, the people who could be behind it."
    )
    review_groups: Groups | None = Field(
        default=None, description="Who closes reviews; without them the approvers of the request."
    )
    review_within: Positive = Field(default=timedelta(hours=72), description="ISO 8601 duration.")
    authentication_context: str = Field(
        default="", pattern=r"^(c\d{1,2})?$", description='Entra\'s authentication context for the page, such as "c1".'
    )
    ticket_pattern: Annotated[str, AfterValidator(regular_expression)] = Field(
        default="", description="A regular expression that the ticket's number must match; empty for no ticket."
    )
