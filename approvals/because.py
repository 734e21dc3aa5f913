"""Every reason that the rules give for something, with what it is about. Words come later."""

from approvals.causes import Cause
from approvals.refusals import Refusal

Because = Refusal | Cause
"""A reason with its values; its `code` names it for good."""
