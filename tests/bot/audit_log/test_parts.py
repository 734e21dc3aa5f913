"""What a sealed log is made of: tree, notes and keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audit_log.merkle import Tree
from bot.audit_log.note import BadNote, Checkpoint, Verifier, opened
from tests.bot.audit_log.logs import ORIGIN, OTHER, SIGNER


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
