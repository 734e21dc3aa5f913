"""Small types used by the sections of the configuration file."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from bot.config.channel_address import channel_id
from bot.config.durations import duration
from bot.config.mistakes import all_different

ShortName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
Names = Annotated[tuple[ShortName, ...], Field(min_length=1)]
AppId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Channel = Annotated[str, BeforeValidator(channel_id)]
Positive = Annotated[timedelta, Field(gt=timedelta())]
Retention = Annotated[timedelta, BeforeValidator(lambda given: duration(str(given)))]

Groups = Annotated[Names, AfterValidator(all_different)]


def known_time_zone(name: str) -> str:
    """Return the name. Raises `ValueError` if it is not a time zone."""
    if name not in available_timezones():
        raise ValueError('this must be an IANA time zone such as "Europe/Berlin"')
    return name


def regular_expression(pattern: str) -> str:
    """Return the pattern. Raises `ValueError` if it does not compile, or could be slow on a short text."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"this is not a valid regular expression: {error}") from None
    if _REPEATED_GROUP.search(pattern):
        raise ValueError('this repeats a group, such as "(…)+", which can be very slow; do not repeat a group')
    return pattern


_REPEATED_GROUP = re.compile(r"(?<!\\)\)(?:[*+]|\{\d*,)")


Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DAYS: tuple[Day, ...] = get_args(Day)
TimeOfDay = Annotated[time, Field(strict=False)]
Date = Annotated[date, Field(strict=False)]
Moment = Annotated[datetime, Field(strict=False)]


class Section(BaseModel):
    """A section of the file. An unknown key is a mistake, because it was meant to have an effect."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, strict=True, validate_by_name=False
    )
