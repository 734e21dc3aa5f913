"""Verify a log with a verifier that others wrote: tlog-scales (Apache-2.0), a library for C2SP's tlog-tiles.

The library shares no code with this program. It reads the signed notes and the public key, builds the tree of RFC 6962
from the lines, and proves each checkpoint from the one before.
"""

from pathlib import Path
from typing import Any

import pytest

from bot.audit_log.directory import LogDirectory
from tests.bot.audit_log.logs import OTHER, SIGNER, entries, sealed

WHY = "tlog-scales is not installed: pip install -r requirements-dev.txt"
signing: Any = pytest.importorskip("tlog_scales.signing", reason=WHY)
tiles: Any = pytest.importorskip("tlog_scales.tiles", reason=WHY)
tlog: Any = pytest.importorskip("tlog_scales.tlog", reason=WHY)
writer: Any = pytest.importorskip("tlog_scales.writer", reason=WHY)


@pytest.fixture
def log(tmp_path: Path) -> LogDirectory:
    """A log of five days, signed by two keys, with 14 checkpoints; four of the days are closed."""
    sealed(tmp_path / "log", entries(300), signers=[SIGNER, OTHER])
    return LogDirectory(tmp_path / "log")


def checkpoints(log: LogDirectory) -> list[Any]:
    """Return all checkpoints of the log, as the library reads them."""
    return [tlog.Checkpoint.from_text(note) for day in log.days() for note in log.notes(day)]


def test_every_checkpoint_is_read_and_its_signatures_hold(log: LogDirectory) -> None:
    """The library accepts the signatures of both keys on every checkpoint, and refuses a signature that belongs to
    another checkpoint."""
    found = checkpoints(log)
    assert len({one.origin for one in found}) == 1
    assert len(found) == 14
    for one in found:
        for signer in (SIGNER, OTHER):
            one.verify(signing.Vkey.from_string(signer.verifier().text()))
    first, second, *_ = found
    forged = tlog.Checkpoint(first.origin, first.size, first.root_hash, second.signatures)
    with pytest.raises(Exception):  # noqa: B017, PT011  the library raises the error of cryptography
        forged.verify(signing.Vkey.from_string(SIGNER.verifier().text()))


def test_every_checkpoint_is_proved_by_the_lines(log: LogDirectory, tmp_path: Path) -> None:
    """The root of each checkpoint is the root of the lines up to it, and each earlier log is the beginning of the later
    one."""
    lines = [line for day in log.days() for line in log.lines(day)]
    tree = writer.TilesWriter.create(tmp_path / "tiles", "somebody else")
    size, root = 0, b""
    for one in checkpoints(log):
        for line in lines[size : one.size]:
            tree.add_leaf(line)
        tree.commit([signing.DummySigner()])
        assert tree.reader.calculate_root_hash() == one.root_hash
        if size:
            tree.reader.get_consistency_proof(size, one.size).check(root, one.root_hash)
        size, root = one.size, one.root_hash
    assert size == len(lines) == 300
    for place, line in enumerate(lines):
        tree.reader.get_inclusion_proof(place, size).check(tiles.leaf_hash(line), root)
    with pytest.raises(tlog.InclusionProofInvalid):
        tree.reader.get_inclusion_proof(7, size).check(tiles.leaf_hash(lines[7] + b" "), root)
