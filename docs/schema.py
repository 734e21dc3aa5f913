"""Writes the configuration's JSON schema, for editors, and the table of operations: `python docs/schema.py`."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "config" / "approvals.schema.json"
OPERATIONS_FILE = ROOT / "config" / "operations.json"


def text() -> str:
    """Return the content of the schema file."""
    from bot.config.file import schema  # noqa: PLC0415  run as a script, the repository is not on the path yet

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def operations() -> str:
    """Return the content of the operations file: what a workflow can name, with Intune's names."""
    from bot.config.operations import table  # noqa: PLC0415  as above

    return json.dumps(table(), indent=2) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    FILE.write_text(text(), encoding="utf-8")
    OPERATIONS_FILE.write_text(operations(), encoding="utf-8")
