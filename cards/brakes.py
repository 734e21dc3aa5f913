"""The wording of brakes: why an action is stopped, and how to lift the brake."""

from typing import assert_never

from approvals.brake import Brake, BrakeKind
from approvals.brake_news import BrakeNews, LedgerAccepted, Lifted, OneMore, StaysPaused
from approvals.lifting import Move
from cards.causes import cause_sentence


def brake_sentence(brake: Brake) -> str:
    """Return why an action is stopped, and how to lift the brake."""
    why = why_pulled(brake)
    match brake.kind:
        case BrakeKind.PAUSE:
            return _paused(brake, why)
        case BrakeKind.LOCK:
            return _locked(brake, why)
        case BrakeKind.STORE:
            return _store(brake, why)
        case BrakeKind.RECOVERY:
            return _recovering(why)
        case _:
            assert_never(brake.kind)


def why_pulled(brake: Brake) -> str:
    """Return why a brake was pulled: what a person wrote, or the bot's cause."""
    return cause_sentence(brake.cause) if brake.cause else brake.why


def pulled(brake: Brake) -> str:
    """Return the line for the operations channel; a brake that the bot pulls itself is an alarm."""
    return f"Alarm: {brake_sentence(brake)}" if brake.cause else brake_sentence(brake)


def answer(move: Move) -> str:
    """Return the answer to the person who moves a brake."""
    told = [_to_the_mover(move.news)] if move.news else []
    return " ".join([*told, *([brake_sentence(move.shows)] if move.shows else [])])


def moved(news: BrakeNews) -> str:
    """Return the line for the operations channel about a change to a brake."""
    match news:
        case StaysPaused():
            return f"{news.by} wants it to stay paused: {news.why}"
        case OneMore():
            return f"{news.by} wants it resumed. It takes one more approver: they write /resume."
        case Lifted():
            return _lifted(news)
        case LedgerAccepted():
            return f"{_ledger_accepted(news)} {news.why}"
        case _:
            assert_never(news)


def _to_the_mover(news: BrakeNews) -> str:
    match news:
        case StaysPaused():
            return "It is paused already, and the first reason stays."
        case OneMore():
            return "Noted. It takes one more approver: they write /resume as well."
        case Lifted():
            return _lifted(news)
        case LedgerAccepted():
            return _ledger_accepted(news)
        case _:
            assert_never(news)


def _lifted(news: Lifted) -> str:
    return f"{_done(news.brake)} by {' and '.join(news.by)}. What waited goes on now."


def _ledger_accepted(news: LedgerAccepted) -> str:
    return f"The ledger of the emergency process was accepted by {news.by}."


def _done(brake: Brake) -> str:
    match brake.kind:
        case BrakeKind.PAUSE:
            return "Resumed"
        case BrakeKind.LOCK:
            return f"{brake.policy_type} unlocked"
        case BrakeKind.STORE | BrakeKind.RECOVERY:
            return "The store was accepted"
        case _:
            assert_never(brake.kind)


def _paused(brake: Brake, why: str) -> str:
    who = brake.by.name if brake.by else "nobody known"
    wanted = f" {brake.lifted_by[0].name} wants it resumed; it takes one more person." if brake.lifted_by else ""
    return (
        f"Paused by {who}: {why} Nothing is filed, approved or carried out in Intune until two approvers write "
        f"/resume.{wanted} Votes count, and rejections are sent, all the same."
    )


def _locked(brake: Brake, why: str) -> str:
    return (
        f"Nothing of the type {brake.policy_type} is filed, because {why} Look at Intune's access policy for it "
        f"and its exclusions; then an approver writes /unlock {brake.policy_type}."
    )


def _store(brake: Brake, why: str) -> str:
    return (
        f"The store of Countersign is not what it was. {why} Nothing is filed, approved or carried out in Intune "
        f"until an operator has looked at it and runs {brake.rule.at_shell}. Votes count, and rejections are sent, all "
        "the same."
    )


def _recovering(why: str) -> str:
    return (
        f"The store of Countersign went back a little. {why} Nothing is filed, approved or carried out in Intune "
        "until Countersign has looked for it there. That takes a minute, and needs nobody. Votes count all the same."
    )
