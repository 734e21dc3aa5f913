"""What people read alike in several rooms."""

UNKNOWN_REQUEST = "This request is not known here any more."
DRILLED = "Drill: everybody is told so, and a review is open. Nothing was done."
ONLY_APPROVERS = "Only approvers can do this."
