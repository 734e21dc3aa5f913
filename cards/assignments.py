"""The wording of assignments: what each does to its target, and how several are ordered and joined.

The text is plain, without Markdown. Times stay `datetime`, so that a card can show them in the reader's zone.

https://learn.microsoft.com/graph/api/resources/intune-apps-mobileappassignment (intents)
https://learn.microsoft.com/graph/api/resources/intune-apps-mobileappinstalltimesettings (useLocalTime: the device's)
https://learn.microsoft.com/graph/api/resources/intune-apps-win32lobapprestartsettings
https://learn.microsoft.com/graph/api/resources/intune-devices-devicehealthscripttimeschedule (useUtc, interval)
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from approvals.moments import is_known
from approvals.subject import Fate, Reach, Relation, Setting, TargetKind
from cards.text import moment_utc, plain

Phrase = tuple[str | datetime, ...]
"""Text with times in between."""

_INTENTS: Mapping[str, str] = {
    "available": "Available",
    "availablewithoutenrollment": "Available without enrollment",
    "required": "Required",
    "uninstall": "Uninstall",
}
_NOTICES: Mapping[str, str] = {
    "showall": "all notices are shown",
    "showreboot": "only notices of a restart are shown",
    "hideall": "no notices are shown",
}
RULE = 160
"""Maximum characters shown of a filter's rule, so that the filter's name after it fits. A vote binds to the whole
rule."""

_ON_THE_DEVICE = "by the device's clock"

_FILTER_TYPE, _FILTER_NAME, _FILTER_RULE = "deviceandappmanagementassignmentfiltertype", "filtername", "filterrule"
_TIMES, _RESTART, _SCHEDULE = "settings.installtimesettings.", "settings.restartsettings.", "runschedule."
_YES, _NO = "true", "false"
_USES_UTC, _USES_LOCAL_TIME = f"{_SCHEDULE}useutc", f"{_TIMES}uselocaltime"
_MAY_BE_ANYBODY = frozenset({TargetKind.ALL_DEVICES, TargetKind.ALL_USERS, TargetKind.UNKNOWN})
_CLOCK = re.compile(r"(\d{1,2}):(\d{1,2})")


def by_danger(reaches: Sequence[Reach]) -> list[Reach]:
    """Sort targets: first removals, uninstalls and those that reach everybody, or may; unchanged ones last."""
    return sorted(reaches, key=_rank)


def is_uninstalled(reach: Reach) -> bool:
    """Return whether an app is uninstalled from this target."""
    return not reach.excluded and intent_of(reach) == "uninstall"


def intent_of(reach: Reach) -> str:
    """Return an app's intent for this target, in lower case; empty for everything that is not an app."""
    return next((how.value.casefold() for how in reach.how if how.name.casefold() == "intent"), "")


def keeps_its_intent(reach: Reach) -> bool:
    """Return whether the assignment changes but keeps its intent."""
    changes = {how.name.casefold() for how in reach.how if how.fate in _DIFFERS}
    return reach.fate is Fate.CHANGED and "intent" not in changes


def is_new(reach: Reach) -> bool:
    """Return whether the assignment is added or changed."""
    return reach.relation is Relation.REACHES and reach.fate in (Fate.ADDED, Fate.CHANGED)


def is_gone(reach: Reach) -> bool:
    """Return whether the assignment is removed."""
    return reach.relation is Relation.REACHES and reach.fate is Fate.REMOVED


def traits(how: Sequence[Setting], said: Callable[[str, str], str]) -> Iterator[Phrase]:
    """Yield each setting, from old to new if it changes; `said` words a setting that has no wording here, from its
    name and value."""
    before = {one.name: one.before if one.fate in _DIFFERS else one.value for one in how}
    after = {one.name: one.value for one in how}
    old, new = (_told(values, said) for values in (before, after))
    for topic in dict.fromkeys([*new, *old]):
        yield _from_old_to_new(old.get(topic, ()), new.get(topic, ()))


def one_line(traits: Iterable[Phrase]) -> Phrase:
    """Join several settings with semicolons; adjacent texts become one."""
    parts: list[str | datetime] = []
    for trait in traits:
        for part in (*(("; ",) if parts else ()), *trait):
            if parts and isinstance(part, str) and isinstance(last := parts[-1], str):
                parts[-1] = last + part
            else:
                parts.append(part)
    return tuple(parts)


def plain_words(words: Phrase) -> str:
    """Return text with times in UTC, for places without date functions."""
    return "".join(part if isinstance(part, str) else moment_utc(part) for part in words)


_DIFFERS = (Fate.ADDED, Fate.CHANGED, Fate.REMOVED)


def _rank(reach: Reach) -> int:
    anybody = reach.target.kind in _MAY_BE_ANYBODY and not reach.excluded
    if is_gone(reach) or (is_new(reach) and (is_uninstalled(reach) or anybody)):
        return 0
    if is_new(reach):
        return 1
    return 2 if reach.fate is Fate.UNSAID else 3


def _from_old_to_new(old: Phrase, new: Phrase) -> Phrase:
    return new if old == new else (*(old or ("none",)), " → ", *(new or ("none",)))


def _told(values: Mapping[str, str], said: Callable[[str, str], str]) -> dict[str, Phrase]:
    """Return the wording by topic; a topic may need several settings."""
    known = {name.casefold(): value for name, value in values.items() if value}
    topics = {topic: found for topic, words in _TOPICS.items() if (found := words(known))}
    others = {name: value for name, value in values.items() if value and not _is_told(name.casefold(), topics)}
    return topics | {f"other {name}": (said(name, value),) for name, value in others.items()}


def _is_told(name: str, told: Mapping[str, Phrase]) -> bool:
    return any(topic in told and name.startswith(names) for topic, names in _SAID_BY.items())


def _intent(known: Mapping[str, str]) -> Phrase:
    word = _INTENTS.get(known.get("intent", "").casefold(), "")
    return (word,) if word else ()


def _filter(known: Mapping[str, str]) -> Phrase:
    name, rule = known.get(_FILTER_NAME, ""), known.get(_FILTER_RULE, "")
    way = {"include": "only", "exclude": "not"}.get(known.get(_FILTER_TYPE, "").casefold(), "")
    if not (name and way):
        return (f"cut by filter {name} in an unknown way: {rule}",) if name else ()
    cut = plain(rule, RULE) or "a rule holds that could not be read"
    return (f"{way} devices for which {cut} (filter {name})",)


def _remediation(known: Mapping[str, str]) -> Phrase:
    return _by_flag(known, "runremediationscript", "detects and repairs", "detects only")


def _by_flag(known: Mapping[str, str], name: str, yes: str, no: str) -> Phrase:
    """Return the words for a boolean, also if it is written as a word; nothing for any other value."""
    word = {_YES: yes, _NO: no}.get(_flag(known, name), "")
    return (word,) if word else ()


def _flag(known: Mapping[str, str], name: str) -> str:
    return known.get(name, "").casefold()


def _schedule(known: Mapping[str, str]) -> Phrase:
    kind = known.get(f"{_SCHEDULE}@odata.type", "").casefold()
    if _flag(known, _USES_UTC) not in ("", _YES, _NO):
        return ()  # nobody can say by which clock it runs
    for words, schedule in (("hourly", _hourly), ("daily", _daily), ("runonce", _once)):
        if words in kind:
            return schedule(known)
    return ()


def _hourly(known: Mapping[str, str]) -> Phrase:
    return (_every(known, "hour"),)


def _daily(known: Mapping[str, str]) -> Phrase:
    at = _clock(known.get(f"{_SCHEDULE}time", ""))
    zone = "UTC" if _flag(known, _USES_UTC) == _YES else _ON_THE_DEVICE
    return (f"{_every(known, 'day')} at {at} {zone}" if at else _every(known, "day"),)


def _once(known: Mapping[str, str]) -> Phrase:
    date, at = known.get(f"{_SCHEDULE}date", ""), _clock(known.get(f"{_SCHEDULE}time", "")) or "00:00"
    if not date:
        return ("once",)
    if _flag(known, _USES_UTC) != _YES:
        return (f"once on {date} at {at} {_ON_THE_DEVICE}",)
    return ("once on ", *_moment(f"{date}T{at}:00Z", ""))


def _every(known: Mapping[str, str], unit: str) -> str:
    number = known.get(f"{_SCHEDULE}interval", "1")
    return f"every {unit}" if number == "1" else f"every {number} {unit}s"


def _clock(raw: str) -> str:
    """Return a time of day as "20:00"; Graph also writes it as "20:0:0.0000000"."""
    found = _CLOCK.match(raw)
    return f"{int(found[1]):02}:{int(found[2]):02}" if found else raw


def _start(known: Mapping[str, str]) -> Phrase:
    return _at(known, "startdatetime", "from ")


def _deadline(known: Mapping[str, str]) -> Phrase:
    return _at(known, "deadlinedatetime", "deadline ")


def _at(known: Mapping[str, str], name: str, before: str) -> Phrase:
    raw, local = known.get(f"{_TIMES}{name}", ""), _flag(known, _USES_LOCAL_TIME)
    if not raw or local not in ("", _YES, _NO):
        return ()
    return (before, *_moment(raw, _ON_THE_DEVICE if local == _YES else ""))


def _moment(raw: str, clock: str) -> Phrase:
    """Return a time to show in the reader's zone. A time by the device's clock stays text, because it is another
    instant on every device."""
    try:
        at = datetime.fromisoformat(raw)
    except ValueError:
        return (raw,)
    if not is_known(at):
        return ("never",)
    if clock:
        return (f"{at:%Y-%m-%d %H:%M} {clock}",)
    return (at.replace(tzinfo=at.tzinfo or UTC),)


def _restart(known: Mapping[str, str]) -> Phrase:
    grace = _minutes(known.get(f"{_RESTART}graceperiodinminutes", ""))
    if not grace:
        return ()
    told = [f"restarts {grace} after the installation"]
    if countdown := _minutes(known.get(f"{_RESTART}countdowndisplaybeforerestartinminutes", "")):
        told.append(f"with a countdown of {countdown}")
    if snooze := _minutes(known.get(f"{_RESTART}restartnotificationsnoozedurationinminutes", "")):
        told.append(f"may be put off by {snooze}")
    return (", ".join(told),)


def _minutes(raw: str) -> str:
    if not raw.isdecimal():
        return raw
    number, unit = (int(raw) // 60, "hour") if int(raw) and int(raw) % 60 == 0 else (int(raw), "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _notices(known: Mapping[str, str]) -> Phrase:
    word = _NOTICES.get(known.get("settings.notifications", "").casefold(), "")
    return (word,) if word else ()


def _on_leaving(known: Mapping[str, str]) -> Phrase:
    """Return what happens when the device is removed.

    https://learn.microsoft.com/graph/api/resources/intune-apps-iosvppappassignmentsettings
    """
    words = ("uninstalled when the device is removed", "stays when the device is removed")
    return _by_flag(known, "settings.uninstallondeviceremoval", *words)


def _removable(known: Mapping[str, str]) -> Phrase:
    return _by_flag(known, "settings.isremovable", "users may remove it", "users cannot remove it")


def _source(known: Mapping[str, str]) -> Phrase:
    return ("from a policy set",) if known.get("source", "").casefold() == "policysets" else ()


_TOPICS: Mapping[str, Callable[[Mapping[str, str]], Phrase]] = {
    "intent": _intent,
    "filter": _filter,
    "remediation": _remediation,
    "schedule": _schedule,
    "deadline": _deadline,
    "start": _start,
    "restart": _restart,
    "on leaving": _on_leaving,
    "removable": _removable,
    "source": _source,
    "notices": _notices,
}
_SAID_BY: Mapping[str, tuple[str, ...]] = {
    "intent": ("intent",),
    "filter": (_FILTER_TYPE, _FILTER_NAME, _FILTER_RULE),
    "remediation": ("runremediationscript",),
    "schedule": (_SCHEDULE,),
    "deadline": (f"{_TIMES}deadlinedatetime", _USES_LOCAL_TIME),
    "start": (f"{_TIMES}startdatetime", _USES_LOCAL_TIME),
    "restart": (_RESTART,),
    "on leaving": ("settings.uninstallondeviceremoval",),
    "removable": ("settings.isremovable",),
    "source": ("source",),
    "notices": ("settings.notifications",),
}
"""Settings that a topic covers, as prefixes in lower case."""
