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
# Lifecycle of a request

This page is generated from the tables in `approvals/lifecycle.py`; a test compares the two. A change that is not in a
table is impossible.

Three facts about a request are kept separate: its status in **Intune**, the **decision** made here (final once it is
set), and the progress of the **operation** itself. The **carry** sends the decision to Intune: one call with the
deciding person's own token.
"""


FILING = """\
Countersign files an order from chat after it is approved here, and completes it after another person than the initiator
has approved it in Intune.
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
            "\n## Disagreements with Intune\n",
            "| name | alarm | sentence on the card |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _name(state: StrEnum) -> str:
    return state.value.replace("-", "_")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
