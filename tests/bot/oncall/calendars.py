"""iCalendar feeds for tests, written as real calendars write them."""


def calendar(*parts: str) -> str:
    """Return a feed with these events."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *parts, "END:VCALENDAR", ""])


def event(*lines: str, uid: str = "1") -> str:
    """Return an event with these lines."""
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT"])


BERLIN = "TZID=Europe/Berlin"
