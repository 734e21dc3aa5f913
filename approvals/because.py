"""Every reason that the rules give, with its values. The wording is added later, in `cards/`."""

from approvals.causes import Cause
from approvals.problems import Problem
from approvals.refusals import Refusal
from approvals.void import CountsForNothing

Because = Refusal | Problem | CountsForNothing | Cause
"""A reason with its values; its `code` is permanent."""
