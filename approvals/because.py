"""Every reason that the rules give for something, with what it is about. Words come later."""

from approvals.causes import Cause
from approvals.problems import Problem
from approvals.refusals import Refusal
from approvals.void import CountsForNothing

Because = Refusal | Problem | CountsForNothing | Cause
"""A reason with its values; its `code` names it for good."""
