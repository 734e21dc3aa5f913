"""People, groups and applications."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Person:
    """One human: the account they act with now, and all of their accounts, including that one (object ids).

    `known` is false if the directory does not know the account: then their other accounts are unknown.
    """

    account: str
    name: str
    accounts: frozenset[str] = frozenset()
    known: bool = True

    def __post_init__(self) -> None:
        """Add the account they act with to their accounts."""
        object.__setattr__(self, "accounts", self.accounts | {self.account})

    def is_same_as(self, other: "Person") -> bool:
        """Return whether both are one human, whichever accounts they act with."""
        return not self.accounts.isdisjoint(other.accounts)

    def joined_with(self, earlier: "Person") -> "Person":
        """Return this person with all of their earlier accounts, so that unlinking accounts does not gain a vote."""
        return replace(self, accounts=self.accounts | earlier.accounts, known=self.known or earlier.known)


@dataclass(frozen=True, slots=True)
class Application:
    """A program that filed a request. Its owners never count as approvers; without owners the quorum rises by one."""

    app_id: str
    name: str
    owners: tuple[Person, ...] = ()


Requestor = Person | Application | None
"""The account or application that filed in Intune; `None` while it is unknown."""


@dataclass(frozen=True, slots=True)
class Group:
    """A directory group: decisions use its object id, cards show its name."""

    id: str
    name: str
