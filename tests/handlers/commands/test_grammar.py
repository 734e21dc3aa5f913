# ruff: noqa: RUF001  dashes of every kind
"""One parser for all lines of chat: each becomes a command, or an answer that says how to write it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.order import Act, Option
from handlers.commands.grammar import LONGEST_LINE, Command, Wrong, parse
from handlers.commands.lexicon import LEXICON, Name, Takes, summary, usage
from tests.handlers.chat_lines import BAD, GOOD, ID

ROOT = Path(__file__).parents[3]
ACTS = {act.value for act in Act}


@pytest.mark.parametrize(("line", "command"), GOOD.items(), ids=range(len(GOOD)))
def test_a_line_becomes_a_command(line: str, command: Command) -> None:
    """A correct line becomes a command with everything that the line says, and nothing else."""
    assert parse(line) == command


@pytest.mark.parametrize(("line", "answer"), BAD.items(), ids=range(len(BAD)))
def test_a_line_becomes_none(line: str, answer: tuple[Name | None, str]) -> None:
    """A wrong line gets an answer that says why, with the nearest command and its usage."""
    wrong = parse(line)
    assert isinstance(wrong, Wrong)
    nearest, words = answer
    assert words in wrong.sentence
    assert wrong.nearest is nearest
    assert wrong.usage == (f"Write: {usage(nearest)}" if nearest else "Write /help to see every command.")
    assert len(wrong.sentence) < 250
    assert wrong.sentence.isprintable()


def test_there_are_lines_enough() -> None:
    """There are more than two hundred lines, so that they cover the grammar."""
    assert len(GOOD) + len(BAD) >= 220


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    """No text makes the parser fail or becomes an operation without the word of its command."""
    meant = parse(text)
    if isinstance(meant, Command) and meant.name.value in ACTS:
        assert meant.name.value in text.casefold()


@given(st.sampled_from([*Name, "countersign", "/", "--reason", '"', "“", "'", "—urgent", " to "]), st.text(max_size=60))
def test_nothing_behind_a_command_breaks_it(first: str, rest: str) -> None:
    """Nothing after a command makes the parser fail: quotes, dashes and options in any order."""
    meant = parse(f"/{first} {rest}")
    assert isinstance(meant, Command | Wrong)
    if isinstance(meant, Wrong):
        assert meant.sentence.isprintable()


WORDS = st.text(st.characters(categories=("L", "N", "Pd", "Pc", "So")), min_size=1, max_size=20).filter(
    lambda word: not word.startswith(("--", "—", "–", "―"))
)


@given(
    name=st.sampled_from([Name.WIPE, Name.RETIRE, Name.DELETE, Name.SCRIPT, Name.ROLE, Name.COMPLIANCE]),
    target=WORDS,
    group=WORDS,
    urgent=st.booleans(),
    options=st.frozensets(st.sampled_from(Option)),
)
def test_what_is_written_comes_back(
    name: Name, target: str, group: str, urgent: bool, options: frozenset[Option]
) -> None:
    """Every command can be written, whatever the names are, and is parsed back unchanged."""
    entry = LEXICON[name]
    assigns = entry.takes is Takes.TARGET_AND_GROUP
    chosen = options if name is Name.WIPE else frozenset[Option]()
    written = [f"/{name}", *(f"--{option}" for option in sorted(chosen)), f'"{target}"']
    written += [f'to "{group}"'] if assigns else []
    written += ["--urgent"] if urgent else []
    again = parse(" ".join(written))
    assert isinstance(again, Command)
    assert (again.name, again.urgent, again.options) == (name, urgent, chosen)
    assert parse(f'/{name} "{again.target}"' + (f' to "{again.group}"' if assigns else "")) == Command(
        name, again.target, again.group
    )


def test_no_pattern_runs_away() -> None:
    """No pattern takes very long, even on a long line of quotes, dashes or blanks."""
    for piece in ('"', "'", "“", "--reason=", "--reason ", "@countersign ", "to ", "&nbsp;", "—x ", "' "):
        assert isinstance(parse("/wipe " + piece * (LONGEST_LINE // len(piece) - 10)), Command | Wrong)


def test_every_command_is_in_the_lexicon_and_explained() -> None:
    """Every command has a summary, and its usage is in docs/commands.md."""
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for name in Name:
        assert f"`{usage(name)}`" in page
        assert summary(name)


def test_what_asks_for_an_operation_takes_a_reason() -> None:
    """Only commands that ask for an operation take a reason."""
    assert {name for name in Name if LEXICON[name].asks} == {*map(Name, ACTS), Name.BREAKGLASS}
    for name in (Name.WHOCAN, Name.UNLOCK, Name.STATUS):
        assert isinstance(parse(f'/{name} wipe --reason "why not"'), Wrong)


@pytest.mark.parametrize("number", [0, 1])
def test_teams_is_told_commands_that_exist(number: int) -> None:
    """The Teams manifest lists only existing commands, at most twelve in each list, with the lexicon's summaries."""
    manifest = json.loads((ROOT / "manifest" / "manifest.json").read_text(encoding="utf-8"))
    commands = manifest["bots"][0]["commandLists"][number]["commands"]
    assert len(commands) <= 12
    assert {command["title"]: command["description"] for command in commands} == {
        command["title"]: summary(Name(command["title"])) for command in commands
    }


def test_an_id_is_written_as_ours_are() -> None:
    """An id in a command has the form of our ids: sixteen of Crockford's letters and digits."""
    assert parse(f"/status {ID}") == Command(Name.STATUS, ID)
