"""Parse a line of chat: one parser for slash commands, mentions and plain text.

It never guesses: a line is a command only if it begins with the command's word, and everything after that word is
understood. What is nearly a command is answered with the right one, and nothing is done.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from approvals.order import Act, Option
from handlers.commands.lexicon import LEXICON, Entry, Name, Takes, usage
from handlers.commands.values import MOST_QUOTED, Mistake, day_in, name_in, quoted, reason_in, request_id_in
from handlers.commands.words import DASHES, Word, cleaned, words_in

LONGEST_LINE = 4000
"""Characters; more than any command needs, and few enough to parse all of them."""

MYSELF = "myself"
"""Target of a delegation that ends an earlier one."""

_URGENT, _REASON, _DRILL = "urgent", "reason", "drill"
_OPTIONS = (*(option.value for option in Option), _URGENT, _REASON, _DRILL)


@dataclass(frozen=True, slots=True)
class Command:
    """A valid command.

    `target` is a device, a script, a role, a policy, an operation, a policy type or a request's id; `group` is to whom
    it is assigned. Only their form is checked. With /breakglass `act` is the operation on the target; without one the
    target is a request's id. `start` and `end` are days.
    """

    name: Name
    target: str = ""
    group: str = ""
    options: frozenset[Option] = frozenset()
    urgent: bool = False
    reason: str = ""
    drill: bool = False
    act: Act | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line that is no command: why, which command was probably meant, and how that one is written."""

    sentence: str
    nearest: Name | None
    usage: str


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The rest of a line after the command's word: plain words and options apart."""

    words: tuple[Word, ...] = ()
    options: frozenset[Option] = frozenset()
    urgent: bool = False
    reason: str = ""
    drill: bool = False

    @property
    def text(self) -> str:
        """The plain words as one string."""
        return " ".join(word.text for word in self.words)


def parse(text: str) -> Command | Wrong:
    """Return the command in a line, or why there is none. Never raises; a blank line asks for help."""
    if len(text) > LONGEST_LINE:
        return Wrong(f"This message is too long: at most {LONGEST_LINE} characters are allowed.", None, _hint())
    first, _, rest = cleaned(text).partition(" ")
    name = _named(first)
    if not first:
        return Command(Name.HELP)
    if name is None:
        return _unknown(first, rest)
    try:
        return _read(name, _sorted(LEXICON[name], rest))
    except Mistake as mistake:
        return Wrong(str(mistake), name, f"Write: {usage(name)}")


def _named(word: str) -> Name | None:
    known = word.casefold()
    return Name(known) if known in set(Name) else None


def _unknown(first: str, rest: str) -> Wrong:
    """Return the command of the nearest spelling, or one that comes later in the line."""
    close = difflib.get_close_matches(first.casefold()[:MOST_QUOTED], list(Name), n=1, cutoff=0.6)
    begun = [name for name in Name if len(first) > 2 and name.startswith(first.casefold())]
    within = [name for word in rest.split()[:20] if (name := _named(word.strip(".,!?/"))) is not None]
    nearest = next(iter([*within, *begun, *map(Name, close)]), None)
    if nearest is None:
        return Wrong(f"I do not know the command {quoted(first)}. Nothing was done.", None, _hint())
    return Wrong(f"I do not know the command {quoted(first)}. Nothing was done.", nearest, f"Write: {usage(nearest)}")


def _read(name: Name, said: _Sorted) -> Command:
    command = Command(name, options=said.options, urgent=said.urgent, reason=said.reason, drill=said.drill)
    return _READERS[LEXICON[name].takes](command, said)


def _nothing(command: Command, said: _Sorted) -> Command:
    if said.words:
        raise Mistake(f"Please write only /{command.name}, without {quoted(said.text)}.")
    return command


def _assignment(command: Command, said: _Sorted) -> Command:
    target, group = _target_and_group(said.words)
    return replace(command, target=target, group=group)


def _emergency(command: Command, said: _Sorted) -> Command:
    """Read a request's id, or an operation's command after the word."""
    if len(said.words) == 1 and not said.options:
        return replace(command, target=request_id_in(said.text))
    first = said.words[0].text.casefold() if said.words else ""
    if first not in set(Act):
        raise Mistake(f"Please name an operation ({', '.join(Act)}) or the id of a request.")
    name = Name(first)
    if strange := said.options - LEXICON[name].options:
        raise Mistake(f"The option {quoted(min(strange))} cannot be used here.")
    read = _read(name, replace(said, words=said.words[1:]))
    return replace(command, act=Act(first), target=read.target, group=read.group, options=read.options)


def _delegation(command: Command, said: _Sorted) -> Command:
    """Read a name, then "from" and "until" with a day each."""
    words = said.words
    at = {word.text.casefold(): place for place, word in enumerate(words) if word.text.casefold() in ("from", "until")}
    if not at and [word.text.casefold() for word in words] == [MYSELF]:
        return replace(command, target=MYSELF)
    if "until" not in at:
        raise Mistake("Please add the last day, such as: until 2026-12-24.")
    days = {word: day_in(words[place + 1].text if place + 1 < len(words) else "") for word, place in at.items()}
    name = " ".join(word.text for word in words[: min(at.values())])
    if len(words) != len(name.split()) + 2 * len(at) and not any(word.quoted for word in words):
        raise Mistake("Please write the name first, then the days.")
    return replace(
        command, target=name_in(name, "the person who gets your reminders"), start=days.get("from"), end=days["until"]
    )


def _sorted(entry: Entry, rest: str) -> _Sorted:
    """Separate options from words. A quoted word is never an option."""
    said, words = _Sorted(), list(words_in(rest))
    while words:
        word = words.pop(0)
        dashes = None if word.quoted else DASHES.match(word.text)
        if dashes is None:
            said = replace(said, words=(*said.words, word))
            continue
        option, equals, value = word.text[dashes.end() :].partition("=")
        said = _with_option(entry, said, option.casefold(), value, words, given=bool(equals))
    return said


def _with_option(entry: Entry, said: _Sorted, option: str, value: str, words: list[Word], *, given: bool) -> _Sorted:
    if option == _REASON and (entry.asks or entry.takes is Takes.REASON):
        return _with_reason(said, value, words)
    if given:
        raise Mistake(f"The option {quoted(option)} takes no value.")
    if option == _URGENT and entry.asks:
        return replace(said, urgent=True)
    if option == _DRILL and entry.takes is Takes.EMERGENCY:
        return replace(said, drill=True)
    if option in set(entry.options):
        return replace(said, options=said.options | {Option(option)})
    near = difflib.get_close_matches(option[:MOST_QUOTED], _OPTIONS, n=1, cutoff=0.6)
    if option in _OPTIONS or not near:
        raise Mistake(f"The option {quoted(option)} cannot be used here.")
    raise Mistake(f"There is no option {quoted(option)}; did you mean --{near[0]}?")


def _with_reason(said: _Sorted, value: str, words: list[Word]) -> _Sorted:
    """Read the reason after an equals sign or next; without quotes it goes on to the next option."""
    if said.reason:
        raise Mistake("There are two reasons; please give one.")
    if not value and not words:
        raise Mistake('Please write the reason after --reason, in quotes: --reason "…".')
    in_quotes = bool(words) and words[0].quoted
    spoken = [value] if value else [words.pop(0).text]
    while words and not value and not in_quotes and not DASHES.match(words[0].text):
        spoken.append(words.pop(0).text)
    return replace(said, reason=reason_in(" ".join(spoken)))


def _target_and_group(words: tuple[Word, ...]) -> tuple[str, str]:
    """Split at the last "to"; without one there must be exactly two words."""
    split = [place for place, word in enumerate(words) if not word.quoted and word.text.casefold() == "to"]
    if split and 0 < split[-1] < len(words) - 1:
        target = " ".join(word.text for word in words[: split[-1]])
        group = " ".join(word.text for word in words[split[-1] + 1 :])
    elif len(words) == 2 and not split:
        target, group = (word.text for word in words)
    else:
        raise Mistake('Please write what to assign and the group, with "to" between them.')
    return name_in(target, "what to assign"), name_in(group, "the group")


def _hint() -> str:
    return "Write /help to see every command."


_READERS: Mapping[Takes, Callable[[Command, _Sorted], Command]] = {
    Takes.NOTHING: _nothing,
    Takes.TARGET: lambda command, said: replace(command, target=name_in(said.text, "the device")),
    Takes.TARGET_AND_GROUP: _assignment,
    Takes.REQUEST_ID: lambda command, said: replace(command, target=request_id_in(said.text)),
    Takes.OPERATION: lambda command, said: replace(command, target=name_in(said.text, "the operation")),
    Takes.POLICY_TYPE: lambda command, said: replace(command, target=name_in(said.text, "the policy type")),
    Takes.REASON: lambda command, said: replace(command, reason=reason_in(said.reason or said.text)),
    Takes.EMERGENCY: _emergency,
    Takes.DELEGATE: _delegation,
}
