"""Lines of settings, and scripts, as the facts that a reviewer judges."""

from approvals import subject
from approvals.subject import Fate, Setting, Words
from bot.graph.scripts import FoundScript
from bot.graph.setting_tree import SettingLine


def stands(line: SettingLine) -> Setting:
    """Return a setting that is not compared with a present one."""
    return Setting(line.code, line.value, words=Words(line.name, line.says), is_secret=line.is_secret)


def changed(before: SettingLine | None, after: SettingLine | None) -> Setting:
    """Return a setting before and after; `None` if it is not set."""
    old, new = before.value if before else "", after.value if after else ""
    shown = after or before or SettingLine("", "")
    words = Words(shown.name, after.says if after else "", before.says if before else "")
    is_secret = any(line.is_secret for line in (before, after) if line)
    fate = _fate(says(before), says(after)) if not (is_secret and before and after) else Fate.UNSAID
    return Setting(shown.code, new, old, fate, words, is_secret)


def says(line: SettingLine | None) -> bool:
    """Return whether there is a value; an empty one counts as none."""
    return line is not None and bool(line.value or line.is_secret)


def _fate(was: bool, becomes: bool) -> Fate:
    if was and becomes:
        return Fate.CHANGED
    return Fate.ADDED if becomes else Fate.REMOVED


def script(found: FoundScript, old: FoundScript | None = None, fate: Fate = Fate.STANDS) -> subject.Script:
    """Return a script, with the one that it replaces."""
    return subject.Script(
        part=found.path,
        sha256=found.sha256,
        lines=found.lines if found.is_readable else None,
        before=old.sha256 if old else "",
        purpose=found.purpose,
        about=found.about,
        fate=fate,
    )
