"""What runs always, and what with `--all` alone: an ordinary run has one case of each kind."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest


def cases(every: Sequence[Any], always: Sequence[Any], name: Callable[[Any], str] = str) -> list[pytest.ParameterSet]:
    """Every case as one parameter by that name; what is not among `always` is extra."""
    return [pytest.param(one, id=name(one), marks=() if one in always else pytest.mark.extra) for one in every]
