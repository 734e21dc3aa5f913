"""Choice of the cases that always run; the others run with `--all` alone. An ordinary run has one case of each kind."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest


def cases(every: Sequence[Any], always: Sequence[Any], name: Callable[[Any], str] = str) -> list[pytest.ParameterSet]:
    """Return one parameter per case, with the id `name(case)`. A case that is not in `always` is marked as extra."""
    return [pytest.param(one, id=name(one), marks=() if one in always else pytest.mark.extra) for one in every]
