"""Which times can be true. Services write the first or the last year of the calendar where they mean "never"."""

from datetime import datetime

YEARS = range(2000, 2200)
"""No service that we speak with knows of anything older, and nothing that is later means a day."""


def is_known(at: datetime) -> bool:
    """Whether this is a time at which something may have happened or may end.

    The years 1, 1601 and 1970 are where .NET, Windows and Unix begin to count, and so how they write that there was
    nothing (ugurkocde/DeviceOffboardingManager#31 shows year 1 from Microsoft's services); 9999 is where .NET ends.
    """
    return at.year in YEARS
