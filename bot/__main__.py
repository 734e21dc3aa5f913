"""The program: `python -m bot serve` runs the bot, the other commands maintain it."""

import argparse
import sys
from importlib import import_module

from bot.cli import audit as cli


def main() -> int:
    """Run the command and return the exit status. Audit commands that need only files do not load the whole bot."""
    given = _parser().parse_args()
    if given.command == "audit" and given.way not in cli.WITH_STORE:
        return cli.run(given)
    return int(import_module("bot.cli.commands").run(given))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Approve Intune requests from Microsoft Teams.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = _add(commands, "serve", "run the bot until Ctrl-C or SIGTERM")
    serve.add_argument(
        "--adopt", action="store_true", help="make this configuration active again after another one has replaced it"
    )
    _add(commands, "check", "check the settings, the configuration, the credentials, the groups and Redis")
    pause = _add(commands, "pause", "stop filing, approving and carrying out anything in Intune")
    pause.add_argument("--reason", required=True, help="the reason; shown to everybody whose action is stopped")
    _add(commands, "resume", "agree to end the pause; an approver in Teams must agree as well")
    unlock = _add(
        commands, "unlock", "unlock a policy type, so that its requests are filed again; find the cause first"
    )
    unlock.add_argument("name", help='the policy type, or its brake as "brakes" shows it')
    _add(commands, "brakes", "show what is paused or locked, by whom and why")
    _add(commands, "emergency", "run the separate emergency process (docs/emergencies.md)")
    store = _add(commands, "store", "show what the store contains, or accept it after it was reset or lost data")
    store.add_argument("what", choices=["show", "accept"], help="show the store, or accept it as it is")
    store.add_argument("--why", default="", help="what happened to the store; shown in the operations channel")
    store.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    cli.add_commands(commands)
    review = _add(commands, "review", "open a review of an emergency action that bypassed the bot")
    review.add_argument("what", choices=["open"], help="open a review")
    review.add_argument("id", help="the id of the request: the one on its card, or Intune's")
    review.add_argument("--why", required=True, help="what happened; shown to the reviewers")
    took_part = "object id or user name of a person who took part, and so cannot close the review (repeatable)"
    review.add_argument("--person", action="append", default=[], help=took_part)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    """Add a command. The list of commands and its own help describe it in the same words."""
    return commands.add_parser(name, help=text, description=text)


if __name__ == "__main__":
    sys.exit(main())
