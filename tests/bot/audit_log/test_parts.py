"""The parts of a sealed log: tree, notes and keys."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audit_log.merkle import Tree
from bot.audit_log.note import BadNote, Checkpoint, Verifier, opened, packed, unpacked
from tests.bot.audit_log.logs import ORIGIN, OTHER, SIGNER


def test_the_tree_is_that_of_rfc_6962() -> None:
    """The tree has the root hashes of the reference implementation's test vectors."""
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
    """A tree that is continued from its stored subtrees has the same root as a tree built at once."""
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
    """A note has the form of C2SP: origin, size, root, an empty line, and the signature behind a dash."""
    note = SIGNER.sign(Checkpoint(ORIGIN, 3, bytes(32)))
    origin, size, root, empty, signature = note.splitlines()
    assert (origin, size, root, empty) == (ORIGIN, "3", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "")
    assert signature.startswith("\u2014 countersign.example ")
    assert opened(note, [SIGNER.verifier()]) == Checkpoint(ORIGIN, 3, bytes(32))
    assert Verifier.read(SIGNER.verifier().text()) == SIGNER.verifier()


@pytest.mark.parametrize("text", ["", "a", "a+b", "a+00000000+AQ==", "name+ffffffff+" + "A" * 44])
def test_what_is_no_key(text: str) -> None:
    """A text that is not a public key is refused."""
    with pytest.raises(BadNote):
        Verifier.read(text)


def test_two_keys_sign_while_one_is_replaced() -> None:
    """A note that two keys signed can be verified with either key."""
    note = SIGNER.sign(Checkpoint(ORIGIN, 1, bytes(32)))
    both = note + OTHER.sign(Checkpoint(ORIGIN, 1, bytes(32))).split("\n\n", 1)[1]
    assert opened(both, [SIGNER.verifier()]) == opened(both, [OTHER.verifier()])


@pytest.mark.parametrize("end", [b"A=", b"B=", b"C=", b"D="])
def test_a_signature_has_one_spelling(end: bytes) -> None:
    """A signature is accepted in one spelling only: the unused bits at the end of its base64 must be zero."""
    note = SIGNER.sign(Checkpoint(ORIGIN, 3, bytes(32)))
    signature = note.rstrip("\n").rpartition(" ")[2]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    place = alphabet.index(signature[-2])
    other = signature[:-2] + alphabet[place - place % 4 + "ABCD".index(chr(end[0]))] + "="
    assert b64decode(other) == b64decode(signature)
    if other != signature:
        with pytest.raises(BadNote):
            opened(note.replace(signature, other), [SIGNER.verifier()])


@pytest.mark.parametrize("size", ["+3", "03", "3 ", "3_0", "-3", "x"])
def test_a_checkpoint_has_one_spelling(size: str) -> None:
    """A checkpoint that is spelled in another way is refused: our sealer did not write it."""
    with pytest.raises(BadNote, match="this is no checkpoint"):
        Checkpoint.read(Checkpoint(ORIGIN, 3, bytes(32)).body().replace("\n3\n", f"\n{size}\n"))


def test_a_known_key_that_signed_badly_is_no_stranger() -> None:
    """A forged signature under a known key is refused, even beside a good signature of another key."""
    note = SIGNER.sign(Checkpoint(ORIGIN, 1, bytes(32)))
    forged = OTHER.sign(Checkpoint(ORIGIN, 2, bytes(32))).split("\n\n", 1)[1]
    with pytest.raises(BadNote, match="forged"):
        opened(note + forged, [SIGNER.verifier(), OTHER.verifier()])


@pytest.mark.parametrize(
    "kept",
    [b"", b"\n", b"Audit checkpoint of 2026-11-23: ", b"Audit checkpoint of 2026-11-23: 12345", b"\xff\xfe", b"AAAA"],
)
def test_what_somebody_kept_and_is_no_checkpoint(kept: bytes) -> None:
    """A kept text that holds no checkpoint is refused, and does not count as evidence against the log."""
    with pytest.raises(BadNote, match="there is no checkpoint in it"):
        unpacked(kept)


def test_what_became_of_a_checkpoint_on_its_way() -> None:
    """A checkpoint can still be read after a byte order mark, other line ends, blank lines or line breaks were added to
    it."""
    note = SIGNER.sign(Checkpoint(ORIGIN, 3, bytes(32)))
    line = f"Audit checkpoint of 2026-11-23: {packed(note)}"
    wrapped = "\n".join(line[place : place + 60] for place in range(0, len(line), 60))
    for kept in ("\ufeff" + note, "\n" + note, note.replace("\n", "\r\n"), line, wrapped, "\ufeff" + wrapped + "\r\n"):
        assert unpacked(kept.encode()) == note
