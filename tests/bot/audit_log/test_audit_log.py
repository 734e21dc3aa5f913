"""The sealed log: whatever is done to it is found, and sealing survives being cut short anywhere."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from approvals.audit import AuditEntry, Identified, Kind
from bot.audit_log.directory import Busy, LogDirectory, LogLost
from bot.audit_log.entries import line_of, mark_of, read
from bot.audit_log.keys import make_key
from bot.audit_log.merkle import Tree
from bot.audit_log.note import BadNote, Checkpoint, Signer, Verifier, opened, packed, unpacked
from bot.audit_log.prune import prunable
from bot.audit_log.reading import Wanted
from bot.audit_log.reading import entries as exported
from bot.audit_log.sealer import Numbered, Sealed, Sealer
from bot.audit_log.verify import Result, Verdict, verify

ORIGIN = "countersign.example/audit"
SIGNER = Signer("countersign.example", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer("countersign.example", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def entries(count: int, start: datetime = MORNING, step: timedelta = timedelta(minutes=20)) -> list[Numbered]:
    """So many entries, over several days."""
    return [
        (
            number,
            AuditEntry(
                Kind.VOTED, start + number * step, f"R{number % 7}", "alex", "Alex Adler", Identified.BY_CHANNEL
            ),
        )
        for number in range(1, count + 1)
    ]


def sealed(path: Path, some: Sequence[Numbered], batch: int = 30, signers: Sequence[Signer] = (SIGNER,)) -> Sealed:
    """A log of these entries, sealed in batches."""
    sealer, state = Sealer(LogDirectory(path), ORIGIN, signers), Sealed()
    for start in range(0, len(some), batch):
        state = sealer.seal(state, some[start : start + batch])
    return state


def verdict(path: Path, *outside: str, keys: Sequence[Verifier] = (SIGNER.verifier(),)) -> Verdict:
    """What verify says."""
    return verify(LogDirectory(path), keys, outside)


# --- the parts ----------------------------------------------------------------------------------------------------


def test_the_tree_is_that_of_rfc_6962() -> None:
    """The hashes of the reference implementation's test vectors."""
    leaves = [
        bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "60" * 16)
    ]
    leaves[-1] = bytes(range(0x60, 0x70))
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    tree = Tree()
    for size in range(9):
        if size in roots:
            assert tree.root().hex() == roots[size]
        if size < 8:
            tree.append(leaves[size])


@given(st.lists(st.binary(max_size=8), max_size=40), st.integers(min_value=0, max_value=40))
def test_a_tree_goes_on_from_its_subtrees(leaves: list[bytes], cut: int) -> None:
    """Wherever it is taken up again it comes to the same root."""
    whole, part = Tree(), Tree()
    for leaf in leaves:
        whole.append(leaf)
    for leaf in leaves[:cut]:
        part.append(leaf)
    part = Tree(part.size, part.subtrees)
    for leaf in leaves[cut:]:
        part.append(leaf)
    assert part.root() == whole.root()


def test_a_note_is_what_others_read() -> None:
    """The form of C2SP: origin, size, root, an empty line, and the signature behind a dash."""
    note = SIGNER.sign(Checkpoint(ORIGIN, 3, bytes(32)))
    origin, size, root, empty, signature = note.splitlines()
    assert (origin, size, root, empty) == (ORIGIN, "3", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "")
    assert signature.startswith("\u2014 countersign.example ")
    assert opened(note, [SIGNER.verifier()]) == Checkpoint(ORIGIN, 3, bytes(32))
    assert Verifier.read(SIGNER.verifier().text()) == SIGNER.verifier()


@pytest.mark.parametrize("text", ["", "a", "a+b", "a+00000000+AQ==", "name+ffffffff+" + "A" * 44])
def test_what_is_no_key(text: str) -> None:
    """Is refused with a sentence."""
    with pytest.raises(BadNote):
        Verifier.read(text)


def test_two_keys_sign_while_one_is_replaced() -> None:
    """Whoever has either key can verify."""
    note = SIGNER.sign(Checkpoint(ORIGIN, 1, bytes(32)))
    both = note + OTHER.sign(Checkpoint(ORIGIN, 1, bytes(32))).split("\n\n", 1)[1]
    assert opened(both, [SIGNER.verifier()]) == opened(both, [OTHER.verifier()])


# --- what is done to a log ----------------------------------------------------------------------------------------

Lines = list[bytes]
DAY = "2026-11-24"


def _edited(lines: Lines) -> Lines:
    return [*lines[:5], lines[5].replace(b"Alex", b"Alec"), *lines[6:]]


def _last_edited(lines: Lines) -> Lines:
    return [*lines[:-1], lines[-1].replace(b"Alex", b"Alec")]


def _removed(lines: Lines) -> Lines:
    return [*lines[:5], *lines[6:]]


def _removed_more(lines: Lines) -> Lines:
    return [*lines[:5], *lines[8:]]


def _swapped(lines: Lines) -> Lines:
    return [*lines[:5], lines[6], lines[5], *lines[7:]]


def _put_in(lines: Lines) -> Lines:
    return [*lines[:5], lines[4], *lines[5:]]


def _forged_in(lines: Lines) -> Lines:
    """A whole chain of lines after a false one: only the tree finds that."""
    first = json.loads(lines[0])["number"]
    entry = AuditEntry(Kind.VOTED, MORNING, "R1", "mallory", "Mallory", Identified.BY_CHANNEL)
    made, mark = [], json.loads(lines[0])["previous"]
    for place, line in enumerate(lines):
        fields = read(line)
        known = AuditEntry(
            kind=Kind(fields["kind"]),
            at=datetime.fromisoformat(fields["at"]),
            request_id=fields["request"],
            who=fields["who"],
            name=fields["name"],
            identified=Identified(fields["identified"]),
        )
        made.append(line_of(first + place, entry if place == 5 else known, mark))
        mark = mark_of(made[-1])
    return made


def _garbled(lines: Lines) -> Lines:
    return [*lines[:5], b"\x00nonsense", *lines[6:]]


TAMPERED = [
    (_edited, Result.TAMPERED, "was changed, or another one was put in"),
    (_last_edited, Result.TAMPERED, "was changed"),
    (_removed, Result.INCOMPLETE, "is missing"),
    (_removed_more, Result.INCOMPLETE, "are missing"),
    (_swapped, Result.TAMPERED, "the order was changed"),
    (_put_in, Result.TAMPERED, "a line was put in"),
    (_forged_in, Result.TAMPERED, "are not what was sealed"),
    (_garbled, Result.TAMPERED, "cannot be read"),
]


@pytest.mark.parametrize(("change", "result", "sentence"), TAMPERED, ids=[case[0].__name__ for case in TAMPERED])
def test_what_was_done_to_lines_is_found(
    tmp_path: Path, change: Callable[[Lines], Lines], result: Result, sentence: str
) -> None:
    """With the first entry that is wrong."""
    sealed(tmp_path, entries(300))
    file = tmp_path / f"{DAY}.jsonl"
    lines = file.read_bytes().splitlines()
    file.write_bytes(b"".join(line + b"\n" for line in change(lines)))

    found = verdict(tmp_path)
    assert found.result is result
    assert sentence in found.sentence
    first = json.loads(lines[0])["number"]
    assert found.entry is not None
    assert first - 1 <= found.entry <= first + len(lines)


def _cut_tail(path: Path) -> str:
    """The last lines are gone, their checkpoints are there."""
    file = path / f"{LogDirectory(path).days()[-1]}.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in file.read_bytes().splitlines()[:-3]))
    return ""


def _cut_tail_and_checkpoints(path: Path) -> str:
    """The last day is gone altogether; an outside copy of its checkpoint is not."""
    log = LogDirectory(path)
    day = log.days()[-1]
    copy = log.notes(day)[-1]
    for ending in (".jsonl", ".checkpoints"):
        (path / f"{day}{ending}").unlink()
    return copy


def _forged_signature(path: Path) -> str:
    log = LogDirectory(path)
    note = log.notes(DAY)[0]
    log.keep_notes(DAY, [note.replace(note.split("\n")[1], "31", 1)])
    return ""


def _another_key(path: Path) -> str:
    log = LogDirectory(path)
    checkpoint = opened(log.notes(DAY)[0], [SIGNER.verifier()])
    log.keep_notes(DAY, [OTHER.sign(checkpoint)])
    return ""


def _replayed_segment(path: Path) -> str:
    """An old day stands in the place of a later one."""
    (path / f"{DAY}.jsonl").write_bytes((path / "2026-11-23.jsonl").read_bytes())
    return ""


def _rewritten_with_the_key(path: Path) -> str:
    """Whoever has the private key can make another log; the outside copy tells."""
    copy = LogDirectory(path).notes(DAY)[0]
    for file in path.iterdir():
        file.unlink()
    sealed(path, [(number, entry) for number, entry in entries(300, MORNING + timedelta(seconds=1))])
    return copy


DONE = [
    (_cut_tail, Result.INCOMPLETE, "its end was cut off"),
    (_cut_tail_and_checkpoints, Result.INCOMPLETE, "its end was cut off"),
    (_forged_signature, Result.TAMPERED, "forged"),
    (_another_key, Result.TAMPERED, "no key that is known"),
    (_replayed_segment, Result.TAMPERED, "stands where entry"),
    (_rewritten_with_the_key, Result.TAMPERED, "was rewritten"),
]


@pytest.mark.parametrize(("change", "result", "sentence"), DONE, ids=[case[0].__name__ for case in DONE])
def test_what_was_done_to_files_is_found(
    tmp_path: Path, change: Callable[[Path], str], result: Result, sentence: str
) -> None:
    """Where the log alone cannot tell, a copy of a checkpoint from outside does."""
    sealed(tmp_path, entries(300))
    assert verdict(tmp_path).result is Result.GOOD
    outside = change(tmp_path)

    found = verdict(tmp_path, *([outside] if outside else []))
    assert (found.result, sentence in found.sentence) == (result, True), found.sentence


def test_a_good_log(tmp_path: Path) -> None:
    """All of it, over several days, whatever the batches were."""
    sealed(tmp_path, entries(300), batch=7)
    found = verdict(tmp_path)
    assert (found.result, found.entries) == (Result.GOOD, 300)
    assert "300 entries are what was sealed" in found.sentence


def test_the_same_entries_are_the_same_log(tmp_path: Path) -> None:
    """To the byte, whatever the batches were: lines do not depend on when they were sealed."""
    sealed(tmp_path / "a", entries(200), batch=7)
    sealed(tmp_path / "b", entries(200), batch=200)
    for day in LogDirectory(tmp_path / "a").days():
        assert list(LogDirectory(tmp_path / "a").lines(day)) == list(LogDirectory(tmp_path / "b").lines(day))


def test_what_is_older_may_be_gone(tmp_path: Path) -> None:
    """Whole days without their lines: verification begins after them. Younger ones must be there."""
    sealed(tmp_path, entries(300))
    LogDirectory(tmp_path).remove_lines("2026-11-23")
    LogDirectory(tmp_path).remove_lines("2026-11-24")
    log, keys = LogDirectory(tmp_path), [SIGNER.verifier()]
    found = verify(log, keys, kept_since=datetime(2026, 11, 25, tzinfo=UTC))
    assert found.result is Result.GOOD
    assert "from entry" in found.sentence
    found = verify(log, keys, kept_since=datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert (found.result, found.entry) == (Result.INCOMPLETE, 48)
    assert "The entries of 2026-11-24 are gone, 48 to 119" in found.sentence
    assert verify(log, keys).entry == 1


def test_a_clock_that_goes_back(tmp_path: Path) -> None:
    """Numbers rule: a day's file never goes on after the next day's has begun."""
    some = entries(80)
    back = [(81, AuditEntry(Kind.VOTED, MORNING, "R1")), (82, AuditEntry(Kind.VOTED, MORNING, "R2"))]
    sealed(tmp_path, [*some, *back])
    assert verdict(tmp_path).result is Result.GOOD


# --- cut short ----------------------------------------------------------------------------------------------------


class Cut(Exception):
    """The sealer dies here."""


@dataclass
class Cutter:
    """Dies at the n-th step."""

    at: int
    steps: list[str] = field(default_factory=list)

    def __call__(self, done: str) -> None:
        self.steps.append(done)
        if len(self.steps) == self.at:
            raise Cut


@pytest.mark.parametrize("at", range(1, 22))
def test_a_sealer_that_dies_at_every_step(tmp_path: Path, at: int) -> None:
    """The next one goes on: contiguous, nothing twice, and the same bytes as if nobody had died."""
    some, log = entries(200), LogDirectory(tmp_path / "log")
    sealed(tmp_path / "whole", some, batch=50)
    cutter, state, place = Cutter(at), Sealed(), 0
    while place < len(some):
        batch = some[place : place + 50]
        try:
            state = Sealer(log, ORIGIN, [SIGNER], step=cutter).seal(state, batch)
        except Cut:
            continue  # what it did is on disk, and nobody knows how far it came
        place += len(batch)

    assert verdict(tmp_path / "log") == verdict(tmp_path / "whole")
    for day in log.days():
        for ending in (".jsonl", ".checkpoints"):
            name = f"{day}{ending}"
            assert (tmp_path / "log" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_half_a_line(tmp_path: Path) -> None:
    """The power went while a line was written: it is written again."""
    some = entries(100)
    state = sealed(tmp_path, some[:60])
    day = LogDirectory(tmp_path).days()[-1]
    with (tmp_path / f"{day}.jsonl").open("ab") as file:
        file.write(line_of(61, some[60][1], "0" * 16)[:40])
    Sealer(LogDirectory(tmp_path), ORIGIN, [SIGNER]).seal(state, some[60:])
    assert verdict(tmp_path).result is Result.GOOD


@pytest.mark.parametrize("what", ["elsewhere", "checkpoint gone", "line gone", "unknown log"])
def test_a_directory_that_is_not_the_one(tmp_path: Path, what: str) -> None:
    """The sealer stops, and writes nothing."""
    some = entries(100)
    state = sealed(tmp_path / "log", some[:60])
    log = LogDirectory(tmp_path / "log")
    day = log.days()[-1]
    if what == "elsewhere":
        log = LogDirectory(tmp_path / "other")
    elif what == "checkpoint gone":
        log.keep_notes(day, log.notes(day)[:-1])
    elif what == "line gone":
        log.keep_lines(day, list(log.lines(day))[:-1])
    else:
        state, some = Sealed(), entries(100, MORNING + timedelta(hours=1))
    with pytest.raises(LogLost):
        Sealer(log, ORIGIN, [SIGNER]).seal(state, some if what == "unknown log" else some[60:])


def test_a_gap_in_the_stream(tmp_path: Path) -> None:
    """Nothing is sealed over it."""
    some = entries(20)
    with pytest.raises(LogLost, match="entry 11 is missing"):
        Sealer(LogDirectory(tmp_path), ORIGIN, [SIGNER]).seal(Sealed(), [*some[:10], *some[11:]])


def test_only_one_writes_at_a_time(tmp_path: Path) -> None:
    """Two sealers on one volume: the second one comes later."""
    log = LogDirectory(tmp_path)
    with log.writing(), pytest.raises(Busy, match="another process"), log.writing():
        pass


# --- what a first look misses -------------------------------------------------------------------------------------


def _nothing(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()


def _no_lines(path: Path) -> None:
    """Neither lines nor the checkpoints after the last one that closes a day."""
    log = LogDirectory(path)
    last = log.days()[-1]
    for day in log.days():
        log.remove_lines(day)
    (path / f"{last}.checkpoints").unlink()


def _put_in_after_the_last_checkpoint(path: Path) -> None:
    log = LogDirectory(path)
    day = log.days()[-1]
    *_, last = log.lines(day)
    forged = AuditEntry(Kind.VOTED, MORNING, "R1", "mallory", "Mallory", Identified.BY_CHANNEL)
    log.append_lines(day, [line_of(301, forged, mark_of(last))])


@pytest.mark.parametrize("change", [_nothing, _no_lines, _put_in_after_the_last_checkpoint])
def test_what_no_checkpoint_proves_is_not_good(tmp_path: Path, change: Callable[[Path], None]) -> None:
    """An empty directory, one without its lines, and lines that nobody has signed."""
    sealed(tmp_path, entries(300))
    change(tmp_path)
    assert verdict(tmp_path).result is Result.INCOMPLETE


@pytest.mark.parametrize("written", [1, 8, 11, 40])
@pytest.mark.parametrize("ending", [".jsonl", ".checkpoints"])
def test_power_that_fails_accuses_nobody(tmp_path: Path, ending: str, written: int) -> None:
    """Half a line of either file was never sealed: the log is good, and is so after the next sealing."""
    some = entries(100)
    state, log = sealed(tmp_path, some[:60]), LogDirectory(tmp_path)
    half = line_of(61, some[60][1], "0" * 16) if ending == ".jsonl" else b'{"note": "countersign.example/audit\\n61'
    with (tmp_path / f"{log.days()[-1]}{ending}").open("ab") as file:
        file.write(half[:written])
    assert verdict(tmp_path).result is Result.GOOD
    Sealer(log, ORIGIN, [SIGNER]).seal(state, some[60:])
    assert (verdict(tmp_path).result, verdict(tmp_path).entries) == (Result.GOOD, 100)


def test_evidence_of_any_name(tmp_path: Path) -> None:
    """A key that is called like a field of ours is not taken for it."""
    number, entry = entries(1)[0]
    sealed(tmp_path, [(number, replace(entry, evidence={"previous": "x", "number": "7"})), entries(2)[1]])
    assert verdict(tmp_path).result is Result.GOOD


def test_a_checkpoint_of_another_log(tmp_path: Path) -> None:
    """One key may seal two logs; they do not prove each other."""
    sealed(tmp_path, entries(300))
    found = verdict(tmp_path, SIGNER.sign(Checkpoint("other.example/audit", 400, bytes(32))))
    assert found.result is Result.TAMPERED
    assert "is of another log: other.example/audit" in found.sentence


def test_an_outside_copy_of_what_was_pruned(tmp_path: Path) -> None:
    """It can be compared with nothing any more, and that is said."""
    sealed(tmp_path, entries(300))
    log, copy = LogDirectory(tmp_path), SIGNER.sign(Checkpoint(ORIGIN, 7, bytes(32)))
    log.remove_lines("2026-11-23")
    found = verify(log, [SIGNER.verifier()], [copy], kept_since=datetime(2026, 11, 24, tzinfo=UTC))
    assert found.result is Result.INCOMPLETE
    assert "of 7 entries" in found.sentence


def test_a_checkpoint_that_went_through_a_chat() -> None:
    """As one word it survives; so does the note itself."""
    note = SIGNER.sign(Checkpoint(ORIGIN, 3, bytes(32)))
    assert unpacked(f"Audit checkpoint of 2026-11-23: {packed(note)}\n") == note
    assert unpacked(note) == note
    with pytest.raises(BadNote):
        unpacked("Audit checkpoint of 2026-11-23:")


def test_one_foreign_line_is_kept(tmp_path: Path) -> None:
    """However short a log is that the store knows nothing of, it is not written over."""
    sealed(tmp_path, entries(1, MORNING + timedelta(hours=5)))
    before = (tmp_path / "2026-11-23.jsonl").read_bytes()
    with pytest.raises(LogLost):
        Sealer(LogDirectory(tmp_path), ORIGIN, [SIGNER]).seal(Sealed(), entries(20))
    assert (tmp_path / "2026-11-23.jsonl").read_bytes() == before


def test_an_export_finds_what_a_slow_clock_wrote(tmp_path: Path) -> None:
    """An entry of the evening stands in the next day's file, after others of that day."""
    evening = datetime(2026, 11, 23, 23, 59, tzinfo=UTC)
    moments = [evening, evening + timedelta(minutes=2), evening + timedelta(seconds=30)]
    sealed(tmp_path, [(place, AuditEntry(Kind.VOTED, at, "R1")) for place, at in enumerate(moments, 1)])
    found = exported(LogDirectory(tmp_path), Wanted(until=evening + timedelta(seconds=45)))
    assert [fields["number"] for fields in found] == [1, 3]


def test_prune_keeps_what_could_not_be_proved_without(tmp_path: Path) -> None:
    """A day whose closing checkpoint is gone stays, for nothing after it could be verified."""
    sealed(tmp_path, entries(300))
    log, later = LogDirectory(tmp_path), MORNING + timedelta(days=20)
    assert prunable(log, timedelta(days=1), later) == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
    log.keep_notes("2026-11-24", log.notes("2026-11-24")[:-1])
    assert prunable(log, timedelta(days=1), later) == ["2026-11-23"]


@pytest.mark.parametrize("name", ["", "a b", "a+b"])
def test_a_name_that_no_note_can_carry(tmp_path: Path, name: str) -> None:
    """No key is made for it."""
    with pytest.raises(ValueError, match="no blank and no plus"):
        make_key(tmp_path / "key.pem", name)


def test_the_public_half_never_overwrites_the_private_one(tmp_path: Path) -> None:
    """Whatever its file is called."""
    with pytest.raises(ValueError, match="otherwise"):
        make_key(tmp_path / "key.pub", "host")


@pytest.mark.parametrize("first", [8, 10])
def test_what_was_signed_is_never_withdrawn(tmp_path: Path, first: int) -> None:
    """It may have been copied away before the state was saved: files only grow, also when more is sealed again."""
    some, sealer = entries(20), Sealer(LogDirectory(tmp_path), ORIGIN, [SIGNER])
    sealer.seal(Sealed(), some[:first])
    copied = {file: file.read_bytes() for file in tmp_path.glob("2026*")}
    sealer.seal(Sealed(), some[:15])
    assert len(copied) == 2
    assert all(file.read_bytes().startswith(content) for file, content in copied.items())
    assert verdict(tmp_path).result is Result.GOOD
