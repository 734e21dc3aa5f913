"""The words for a problem on the way to Intune."""

from dataclasses import replace

import pytest

from approvals import problems as why
from approvals.audit import AuditEntry, Kind
from approvals.problems import Problem
from approvals.refusals import NotFiled
from cards.because import worded
from cards.problems import problem_sentence
from tests.approvals.reasons import PROBLEMS
from tests.samples.gallery import NOW


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (None, ""),
        (
            why.CalledOff(),
            (
                "The store went back, and has lost that this was called off. If it is wanted after all, an approver "
                "presses Finish."
            ),
        ),
        (
            why.NothingHolds("deviceWipe", "macOS"),
            (
                "Intune has no active access policy for deviceWipe on macOS, so it would run without a second person. "
                "Nothing was sent. Somebody has to make one first."
            ),
        ),
        (
            why.TargetTaken("R2", "Wipe PC-1", "Rita"),
            "Intune has an open request for the same target: Wipe PC-1, requested by Rita (R2).",
        ),
        (why.NotTaken("HTTP 400"), "Intune did not take it: HTTP 400."),
        (why.NotReadable("HTTP 500"), "What this is about cannot be read: HTTP 500."),
        (why.NotCarriedOut("HTTP 409"), "Intune did not carry it out: HTTP 409."),
        (why.Passing(why.Trouble.BUSY), "Intune is too busy at the moment. It is tried again by itself."),
        (
            why.Passing(why.Trouble.REFUSED),
            "Intune does not let Countersign do this at the moment. It is tried again by itself.",
        ),
        (
            why.Passing(why.Trouble.MISSING),
            "Intune does not show what this is about at the moment. It is tried again by itself.",
        ),
        (why.Passing(why.Trouble.SILENT), "Intune does not answer at the moment. It is tried again by itself."),
        (why.Busy(), "Intune is too busy right now. Please finish it in a minute."),
        (why.NotSignedIn("Alex"), "Alex has not signed in yet."),
        (why.CutOff("Alex"), "Alex was telling Intune when the connection was cut."),
        (why.Braked("Alex"), "Alex wanted to tell Intune while that was stopped."),
        (why.TakenBack(), "The approval was withdrawn in Intune."),
        (why.EndedUntold(), "Intune ended the request before it was told."),
        (why.SignInInvalid(), "Your sign-in could not be checked. Please try again."),
        (why.NoAnswer("filing"), "Intune did not answer. We look for what it did."),
        (why.NoAnswer("completing"), "Intune did not answer. What it did is looked up."),
    ],
)
def test_a_problem_says_what_it_is_about(problem: Problem | None, sentence: str) -> None:
    """A problem says what it is about, and what to do next if something can be done."""
    assert problem_sentence(problem) == sentence


def test_no_two_problems_read_the_same() -> None:
    """Every problem has its own sentence."""
    sentences = [problem_sentence(problem) for problem in PROBLEMS]

    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_the_audit_keeps_a_problem_with_its_values_and_todays_words() -> None:
    """The audit keeps a problem with its values and in words, also when it is the reason of a refusal."""
    problem = why.NotTaken("HTTP 400")
    entry = AuditEntry(Kind.NOT_FILED, NOW, because=problem, evidence={"graph_request": "g1"})

    own, refused = worded(entry), worded(replace(entry, because=NotFiled(problem)))

    assert own.why == refused.why == "Intune did not take it: HTTP 400."
    assert own.evidence == {"reason": "not-taken", "said": "HTTP 400", "graph_request": "g1"}
    assert refused.evidence == {
        "reason": "not-filed",
        "problem": "not-taken",
        "said": "HTTP 400",
        "graph_request": "g1",
    }
