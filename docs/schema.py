"""Writes the JSON schema of the configuration file, for editors: `python docs/schema.py`."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "config" / "approvals.schema.json"


def text() -> str:
    """The schema as it stands in the repository."""
    from bot.config import schema  # noqa: PLC0415  run as a script, the repository is not on the path yet

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    FILE.write_text(text(), encoding="utf-8")
