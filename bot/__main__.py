"""The program: `python -m bot serve` runs the bot, the other commands maintain it."""

import argparse
import sys
from importlib import import_module

from bot.cli import audit as cli


def main() -> int:
    """Run the command and return the exit status. Only the bot loads all modules: an auditor has nothing but files."""
    given = _parser().parse_args()
    if given.command == "audit" and given.way not in cli.WITH_STORE:
        return cli.run(given)
    return int(import_module("bot.cli.commands").run(given))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Approve Intune requests from Microsoft Teams.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the bot until it is told to stop (Ctrl-C, SIGTERM)")
    serve.add_argument(
        "--adopt", action="store_true", help="make a configuration the active one again that was replaced by another"
    )
    commands.add_parser("check", help="tell what is wrong with settings, configuration, credentials, groups and Redis")
    pause = commands.add_parser("pause", help="stop everything that is filed, approved or carried out in Intune")
    pause.add_argument("--reason", required=True, help="why; everybody who is stopped reads it")
    commands.add_parser("resume", help="want the pause lifted; it takes an approver in Teams as well")
    unlock = commands.add_parser("unlock", help="have a locked policy type filed again, after having looked at why")
    unlock.add_argument("name", help='the type, or its name as "brakes" shows it')
    commands.add_parser("brakes", help="show what is paused or locked, by whom and why")
    commands.add_parser("emergency", help="run the separate emergency process (docs/emergencies.md)")
    store = commands.add_parser("store", help="show what the store holds; accept it after it was reset or went back")
    store.add_argument("what", choices=["show", "accept"])
    store.add_argument("--why", default="", help="what happened to it; everybody in the operations channel reads it")
    store.add_argument("--yes", action="store_true", help="do not ask")
    cli.add_commands(commands)
    review = commands.add_parser("review", help="open a review of an emergency that went past the bot")
    review.add_argument("what", choices=["open"])
    review.add_argument("id", help="the request's id: ours, as on its card, or Intune's")
    review.add_argument("--why", required=True, help="what happened; the reviewers read it")
    review.add_argument(
        "--person", action="append", default=[], help="object id or user name of somebody who had a part in it"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
