"""All pages, by name."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.approvals.every import moves, openings, questions, topics

DIRECTORY = Path(__file__).parent / "pages"

PAGES: Mapping[str, Callable[[], str]] = {
    **{name: partial(topics.page, name) for name in topics.TOPICS},
    "brakes": moves.page,
    "openings": openings.page,
    "questions": questions.page,
}
