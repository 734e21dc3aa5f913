"""Problems in the words that people read."""

from approvals.request import Request
from cards.problems import problem_sentence


def carry_problem(request: Request) -> str:
    """Return what keeps the decision from Intune, in words, or an empty text."""
    problem = request.carry.problem if request.carry else None
    return problem_sentence(problem) if problem else ""
