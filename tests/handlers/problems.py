"""Why something does not get on, in the words that people read."""

from approvals.request import Request
from cards.problems import problem_sentence


def carry_problem(request: Request) -> str:
    """What keeps its decision from Intune; empty for nothing."""
    problem = request.carry.problem if request.carry else None
    return problem_sentence(problem) if problem else ""
