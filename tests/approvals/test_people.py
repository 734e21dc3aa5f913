"""Who is who."""

from dataclasses import replace

from approvals.people import Person


def test_the_account_that_somebody_acts_with_is_theirs() -> None:
    """Also where nobody says so."""
    rita = Person("rita", "Rita")

    assert rita.accounts == {"rita"}
    assert rita == Person("rita", "Rita", frozenset({"rita"}))
    assert rita.is_same_as(Person("rita-admin", "Rita", frozenset({"rita"})))
    assert not rita.is_same_as(Person("alex", "Alex"))
    assert replace(rita, account="rita-admin").accounts == {"rita", "rita-admin"}


def test_what_was_known_of_somebody_stays_known() -> None:
    """Whoever may unlink accounts, or take one out of the directory, gains no vote."""
    earlier, now = Person("a", "Ann", frozenset({"b"})), Person("a", "Ann", known=False)
    assert now.joined_with(earlier) == Person("a", "Ann", frozenset({"a", "b"}), known=True)
    assert earlier.joined_with(now).known
    assert not now.joined_with(now).known
