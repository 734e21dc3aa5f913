"""The people, the groups of people and the programs that a request knows."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Person:
    """One human: the account they act with now, and every account that is theirs, also that one (object ids).

    `known` is false where the directory does not know the account: then nobody can tell which others are theirs.
    """

    account: str
    name: str
    accounts: frozenset[str] = frozenset()
    known: bool = True

    def __post_init__(self) -> None:
        """Count the account they act with among theirs, whoever left it out."""
        object.__setattr__(self, "accounts", self.accounts | {self.account})

    def is_same_as(self, other: "Person") -> bool:
        """Whether both are one human, whatever account each acts with."""
        return not self.accounts.isdisjoint(other.accounts)

    def joined_with(self, earlier: "Person") -> "Person":
        """Return this human with every account that was theirs earlier: whoever may unlink accounts gains no vote."""
        return replace(self, accounts=self.accounts | earlier.accounts, known=self.known or earlier.known)


@dataclass(frozen=True, slots=True)
class Application:
    """A program that filed a request. Its owners never count as approvers; without any, quorum rises by one."""

    app_id: str
    name: str
    owners: tuple[Person, ...] = ()


Requestor = Person | Application | None
"""Who filed in Intune; `None` as long as nobody could tell."""


@dataclass(frozen=True, slots=True)
class Group:
    """A directory group, resolved: its object id decides, its name is shown."""

    id: str
    name: str
