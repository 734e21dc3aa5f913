"""Every call, written down before it is made: what is in doubt is never done again, and counts."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One call for one request: what was intended, and what came of it (empty as long as nobody knows)."""

    request_id: str
    person: str
    act: str
    device_id: str
    device_name: str
    why: str
    at: str
    outcome: str = ""
    answer_id: str = ""


class Ledger:
    """A file of JSON lines that only grows. `ValueError` on reading for a line that is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[str, Line] = {}
        if path.exists():
            for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                try:
                    line = Line(**json.loads(text))
                except (ValueError, TypeError):
                    raise ValueError(f"{path}, line {number}: this is no line of the ledger") from None
                self._lines[line.request_id] = line

    def known(self, request_id: str) -> Line | None:
        """What was done for this request."""
        return self._lines.get(request_id)

    def within_a_day(self, now: datetime) -> int:
        """How many calls were made, or may have been, in the last 24 hours."""
        return sum(datetime.fromisoformat(line.at) > now - DAY for line in self._lines.values())

    def write(self, line: Line) -> None:
        """To the disk, before anything else happens."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._lines[line.request_id] = line
