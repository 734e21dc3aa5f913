"""`python -m simulator demo` plays the main workflow in the terminal, with a simulated tenant and the real bot."""

import argparse
import asyncio
import sys

from simulator import playground
from simulator.demo import demo


def main() -> int:
    """Run the command and return the exit status: 0 if every step of the story happened."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description="A simulated Microsoft tenant on this machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    play = commands.add_parser("demo", help="play the main workflow, from a request in Intune to its end")
    play.add_argument("--keep", action="store_true", help="keep everything running afterwards, until Ctrl-C")
    play.add_argument(
        "--harshest", type=int, metavar="SEED", help="use the harshest tenant, with this number as the random seed"
    )
    commands.add_parser("playground", help="connect the Agents Playground, an optional test client, to the bot")
    arguments = parser.parse_args()
    try:
        if arguments.command == "demo":
            return asyncio.run(demo(keep=arguments.keep, harshest=arguments.harshest))
        asyncio.run(playground.run())
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
