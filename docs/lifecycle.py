"""Generates docs/lifecycle.md from the tables of approvals/lifecycle.py: run `python docs/lifecycle.py`."""

import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

State = TypeVar("State", bound=StrEnum)
DecisionEvent = TypeVar("DecisionEvent", bound=StrEnum)

PAGE = Path(__file__).with_suffix(".md")
sys.path.insert(0, str(PAGE.parent.parent))

from approvals.disagreement import Disagreement  # noqa: E402  the path comes first
from approvals.lifecycle import CARRIES, DECISIONS, EXECUTIONS, FILINGS  # noqa: E402
from cards.disagreements import sentence_of  # noqa: E402

INTRODUCTION = """\
# How a request lives

This page is drawn from the tables in `approvals/lifecycle.py`; a test compares the two. What is not in a table does
not happen.

Three facts about a request are never mixed: what **Intune** says of it (a mirror), what was **decided** here (final
once it is set), and how far the **operation** itself has come. Between a decision here and Intune lies the **carry**:
the deciding person's own call to Intune.
"""


FILING = """\
What is asked for in chat is filed by us, once it is approved here, and completed by us, once somebody else has approved
it in Intune.
"""


def diagram(table: Mapping[State, Mapping[DecisionEvent, State]], start: State) -> str:
    """Return the table as a Mermaid state diagram."""
    lines = [f"    [*] --> {_name(start)}"]
    for before, row in table.items():
        lines += [f"    {_name(before)} --> {_name(after)}: {event}" for event, after in row.items()]
        if not row:
            lines.append(f"    {_name(before)} --> [*]")
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def page() -> str:
    """Return the whole page."""
    rows = [f"| {name} | {'yes' if name.dangerous else 'no'} | {sentence_of(name)} |" for name in Disagreement]
    return "\n".join(
        [
            INTRODUCTION,
            "## The decision\n",
            diagram(DECISIONS, next(iter(DECISIONS))),
            "\n## The carry\n",
            diagram(CARRIES, next(iter(CARRIES))),
            "\n## The filing\n",
            FILING,
            diagram(FILINGS, next(iter(FILINGS))),
            "\n## The operation\n",
            diagram(EXECUTIONS, next(iter(EXECUTIONS))),
            "\n## Where Intune and we do not agree\n",
            "| name | alarm | what the card says |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _name(state: StrEnum) -> str:
    return state.value.replace("-", "_")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
