"""`python -m benchmarks.audit`: how long `audit verify` takes over a large log, beside `sha256sum` over its files.

Two layouts, both of two million entries and with a checkpoint for every five minutes in which something happened: all
of them within 200 busy days, and spread over the seven years that a log is kept.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rich.console import Console
from rich.table import Table

from approvals.audit import AuditEntry, Identified, Kind
from bot.audit_log.closing import closing_of
from bot.audit_log.directory import CLOSING, LINES, NOTES
from bot.audit_log.entries import FIRST, line_of, mark_of
from bot.audit_log.merkle import Tree
from bot.audit_log.note import Checkpoint, NoteSigner, stored

ENTRIES = 2_000_000
LAYOUTS = {"200 days": 200, "seven years": 2555}
FIVE_MINUTES = timedelta(minutes=5)
SLOTS = timedelta(days=1) // FIVE_MINUTES
MUST_ALL_BE_THERE = 36_500
BEGAN = datetime(2019, 1, 1, tzinfo=UTC)
ORIGIN = "countersign.example.com/audit/20190101T000000Z"


def make(directory: Path, entries: int, days: int) -> int:
    """Write a log of this many entries over this many days, as a sealer would. Return its number of checkpoints."""
    signer = NoteSigner("countersign.example.com", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    (directory / "key.pub").write_text(signer.verifier().text() + "\n", encoding="utf-8")
    log = directory / "log"
    log.mkdir()
    tree, mark, checkpoints = Tree(), FIRST, 0
    for day in range(days):
        lines, notes, name = list[bytes](), list[bytes](), f"{BEGAN + timedelta(days=day):%Y-%m-%d}"
        for slot in range(day * SLOTS, (day + 1) * SLOTS):
            last = entries * (slot + 1) // (days * SLOTS)
            if last == tree.size:
                continue  # nothing happened in these minutes
            while tree.size < last:
                line = line_of(tree.size + 1, _entry(tree.size + 1, BEGAN + slot * FIVE_MINUTES), mark)
                tree.append(line)
                mark = mark_of(line)
                lines.append(line + b"\n")
            notes.append(stored(signer.sign(Checkpoint(ORIGIN, tree.size, tree.root()))))
        if day < days - 1:
            closing = closing_of(name, Checkpoint(ORIGIN, tree.size, tree.root()), tree, notes)
            (log / f"{name}{CLOSING}").write_bytes(stored(signer.sign(closing)))
        (log / f"{name}{LINES}").write_bytes(b"".join(lines))
        (log / f"{name}{NOTES}").write_bytes(b"".join(notes))
        checkpoints += len(notes)
    return checkpoints


def _entry(number: int, at: datetime) -> AuditEntry:
    return AuditEntry(
        Kind.VOTED,
        at,
        f"01J{number // 7:013X}",
        f"{number % 128:08x}-0000-4000-8000-000000000000",
        "Dana Diaz",
        Identified.BY_CHANNEL,
        after="approve",
        digest="0123456789abcdef" * 4,
        evidence={"groups": "Security-Admins"},
    )


def measure(command: Sequence[str]) -> tuple[float, float, float]:
    """Run the command and return elapsed seconds, processor seconds, and peak memory in MB. It has to succeed."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command[0]} ended with {status}")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(entries: int) -> None:
    """Create each log, measure, and delete it."""
    table = Table("layout", "checkpoints", "what", "seconds", "CPU", "memory", "ratio")
    for layout, days in LAYOUTS.items():
        with tempfile.TemporaryDirectory(prefix="countersign-bench-") as name:
            directory = Path(name)
            checkpoints = make(directory, entries, days)
            files = [str(path) for path in sorted((directory / "log").iterdir())]
            verify = [sys.executable, "-m", "bot", "audit", "verify", "--retention", f"P{MUST_ALL_BE_THERE}D"]
            verify += ["--log", str(directory / "log"), "--key", str(directory / "key.pub")]
            bare = measure(["sha256sum", *files])
            for what, figures in (("sha256sum", bare), ("verify", measure(verify))):
                row = (f"{figures[0]:.1f}", f"{figures[1]:.1f}", f"{figures[2]:.0f} MB", f"{figures[1] / bare[1]:.1f}")
                table.add_row(layout, str(checkpoints), what, *row)
    Console().print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES, help=f"in each log; {ENTRIES} if not given")
    main(parser.parse_args().entries)
