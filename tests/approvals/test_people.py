"""Which accounts belong to the same person."""

from dataclasses import replace

from approvals.people import Person


def test_the_account_that_somebody_acts_with_is_theirs() -> None:
    """The account that a person acts with is always one of their accounts."""
    rita = Person("rita", "Rita")

    assert rita.accounts == {"rita"}
    assert rita == Person("rita", "Rita", frozenset({"rita"}))
    assert rita.is_same_as(Person("rita-admin", "Rita", frozenset({"rita"})))
    assert not rita.is_same_as(Person("alex", "Alex"))
    assert replace(rita, account="rita-admin").accounts == {"rita", "rita-admin"}


def test_what_was_known_of_somebody_stays_known() -> None:
    """Accounts that were once linked stay linked, so that removing a link or an account gains nobody a vote."""
    earlier, now = Person("a", "Ann", frozenset({"b"})), Person("a", "Ann", known=False)
    assert now.joined_with(earlier) == Person("a", "Ann", frozenset({"a", "b"}), known=True)
    assert earlier.joined_with(now).known
    assert not now.joined_with(now).known
