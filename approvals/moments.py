"""Plausible times. Services use the first or the last year of the calendar to mean "never"."""

from datetime import datetime

YEARS = range(2000, 2200)
"""Plausible years: no service that we use has older data, and later years are not real dates."""


def is_known(at: datetime) -> bool:
    """Return whether this is a time at which something may have happened or may end.

    The years 1, 1601 and 1970 are the epochs of .NET, Windows and Unix, and so often mean that there is no time
    (ugurkocde/DeviceOffboardingManager#31 shows year 1 from Microsoft's services); .NET's last year is 9999.
    """
    return at.year in YEARS
