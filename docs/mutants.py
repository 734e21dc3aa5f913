"""`python docs/mutants.py` prints the results of the last `make mutants` as the table in docs/mutants.md."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_RESULTS = Path("mutants")
_SURVIVED, _UNTESTED = 0, 33
"""mutmut stores the exit status of each mutant's tests; 33 is its own, for a function that no test calls."""


def rows() -> Iterator[tuple[str, Counter[str]]]:
    """Yield each mutated module with its numbers of mutants, survivors and untested mutants."""
    for results in sorted(_RESULTS.rglob("*.meta")):
        statuses = json.loads(results.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        found = Counter(mutants=len(statuses), survivors=sum(status == _SURVIVED for status in statuses))
        if found["mutants"]:
            found["untested"] = sum(status == _UNTESTED for status in statuses)
            yield str(results.relative_to(_RESULTS)).removesuffix(".meta"), found


def main() -> None:
    """Print the table and the share of killed mutants."""
    total = Counter[str]()
    print("| module | mutants | survivors | untested |\n|---|---|---|---|")  # noqa: T201
    for name, found in rows():
        total += found
        print(f"| `{name}` | {found['mutants']} | {found['survivors']} | {found['untested']} |")  # noqa: T201
    killed = total["mutants"] - total["survivors"] - total["untested"]
    print(f"\n{killed} of {total['mutants']} killed: {killed / max(total['mutants'], 1):.1%}")  # noqa: T201


if __name__ == "__main__":
    main()
