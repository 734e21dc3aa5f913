"""The sections of the configuration file about reminders, business hours, people on call and emergencies."""

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
    Names,
    Positive,
    Section,
    ShortName,
    TimeOfDay,
    known_time_zone,
    regular_expression,
)


class LadderStep(Section):
    """One step of the reminder schedule."""

    after: Annotated[timedelta, Field(ge=timedelta())] = Field(
        description="ISO 8601 duration since the start of the schedule."
    )
    do: Rung = Field(
        description='"thread": a line under the card. "chat": a message to each person. "mail": a mail to each person. '
        '"on-call": a card in the on-call chat, where the people on call are paged one after the other.'
    )


def _in_order(steps: tuple[LadderStep, ...]) -> tuple[LadderStep, ...]:
    if [step.after for step in steps] != sorted(step.after for step in steps):
        raise ValueError('the steps must be sorted by "after"')
    return steps


Steps = Annotated[tuple[LadderStep, ...], AfterValidator(_in_order)]


def _minutes(**steps: int) -> tuple[LadderStep, ...]:
    made = ({"after": timedelta(minutes=after), "do": Rung(rung.replace("_", "-"))} for rung, after in steps.items())
    return tuple(LadderStep.model_validate(step) for step in made)


class ReminderSettings(Section):
    """The reminder schedules of pending requests."""

    standard: Steps = Field(
        default=_minutes(thread=120, chat=240, mail=480, on_call=1200), description="The usual schedule."
    )
    urgent: Steps = Field(
        default=_minutes(thread=10, chat=20, mail=30, on_call=45), description="The schedule for urgent requests."
    )
    skip_outside_hours: int = Field(
        default=0, ge=0, le=20, description="How many of the first steps are skipped outside business hours."
    )
    skip_outside_hours_urgent: int = Field(
        default=3,
        ge=0,
        le=20,
        description="The same for urgent requests; the other steps come correspondingly earlier.",
    )


class BusinessHours(Section):
    """The business hours: time zone, days of the week, times and holidays."""

    time_zone: Annotated[str, AfterValidator(known_time_zone)] = Field(
        description='An IANA name such as "Europe/Berlin".'
    )
    days: Annotated[tuple[Day, ...], Field(min_length=1), AfterValidator(all_different)] = Field(
        default=("Mon", "Tue", "Wed", "Thu", "Fri"), description="Days of the week."
    )
    opens: TimeOfDay = Field(default=time(8), description='Local time as "08:00".')
    closes: TimeOfDay = Field(
        default=time(18), description='Local time; a time at or before "opens" is on the next day.'
    )
    holidays: tuple[Date, ...] = Field(default=(), description="Days without business hours, as 2026-12-25.")


class ShiftSettings(Section):
    """One weekly shift of the rota."""

    days: Annotated[tuple[Day, ...], Field(min_length=1), AfterValidator(all_different)]
    start: TimeOfDay
    end: TimeOfDay = Field(description="A time at or before the start is on the next day.")
    people: Names = Field(description="User principal names or object ids; the first is paged first.")


class Override(Section):
    """One exception to the rota: other people are on call for a limited time."""

    start: Moment = Field(alias="from", description="Local time as 2026-12-24T18:00.")
    end: Moment = Field(alias="until")
    people: Names


def _over_https(address: str) -> str:
    """Return the address as https. On-call products give `webcal://` addresses, which calendars open as https."""
    return re.sub("^webcals?:", "https:", address)


class OnCallSettings(Section):
    """The people on call, and the chat in which they are paged."""

    chat: Channel = Field(description="The on-call chat or channel.")
    acknowledge_within: Positive = Field(
        default=timedelta(minutes=10), description="ISO 8601 duration; after this time the next person is paged."
    )
    time_zone: Annotated[str, AfterValidator(known_time_zone)] = Field(
        default="UTC", description="Time zone of the rota, as an IANA name."
    )
    rota: tuple[ShiftSettings, ...] = Field(default=(), description="Weekly shifts; the first matching shift applies.")
    overrides: tuple[Override, ...] = Field(default=(), description="Exceptions, which take precedence over the rota.")
    calendar: Annotated[str, AfterValidator(_over_https)] = Field(
        default="",
        pattern=r"^((https|webcals?)://\S+)?$",
        description="Address of an iCalendar feed, which takes precedence over the rota. Keep it secret.",
    )


class EmergencySettings(Section):
    """Details of the emergency path that `emergencyAccess` does not set."""

    groups: Groups | None = Field(default=None, description="Members may use break-glass with their own accounts.")
    custodians: dict[ShortName, Names] = Field(
        default={}, description="The people who may use a shared account, by the user principal name of the account."
    )
    review_groups: Groups | None = Field(
        default=None, description="Members may close reviews. Default: the approvers of the request."
    )
    review_within: Positive = Field(
        default=timedelta(hours=72), description="ISO 8601 duration: the deadline of a review."
    )
    authentication_context: str = Field(
        default="",
        pattern=r"^(c\d{1,2})?$",
        description='Entra authentication context of the emergency page, such as "c1".',
    )
    ticket_pattern: Annotated[str, AfterValidator(regular_expression)] = Field(
        default="",
        description="Regular expression that a ticket number must match; empty: no ticket number is required.",
    )
