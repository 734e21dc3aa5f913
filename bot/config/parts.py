"""The small parts that the sections of the configuration file are made of."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from bot.config.channel_address import channel_id
from bot.config.durations import duration
from bot.config.mistakes import all_different

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
AppId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Channel = Annotated[str, BeforeValidator(channel_id)]
Positive = Annotated[timedelta, Field(gt=timedelta())]
Retention = Annotated[timedelta, BeforeValidator(lambda given: duration(str(given)))]

Groups = Annotated[Names, AfterValidator(all_different)]


def known_time_zone(name: str) -> str:
    """The name; `ValueError` if it is no time zone."""
    if name not in available_timezones():
        raise ValueError('this must be an IANA time zone such as "Europe/Berlin"')
    return name


def regular_expression(pattern: str) -> str:
    """The pattern; `ValueError` if it cannot be compiled, or could take more than a moment for a short text."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"this is no regular expression: {error}") from None
    if _REPEATED_GROUP.search(pattern):
        raise ValueError('this repeats a group, as in "(…)+", which can take for ever; write it without')
    return pattern


_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{\d*,)")


Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DAYS: tuple[Day, ...] = get_args(Day)
TimeOfDay = Annotated[time, Field(strict=False)]
Date = Annotated[date, Field(strict=False)]
Moment = Annotated[datetime, Field(strict=False)]


class Section(BaseModel):
    """A part of the file. A key that nobody reads is a mistake: it was meant to do something."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, validate_by_name=False
    )
