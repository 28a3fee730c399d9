"""`python -m qos_training forecast`: trains the built-in model. `... train REQUEST`: what training/train.ts asks for."""

import argparse
import sys
from pathlib import Path

from .problems import InputProblem


def main() -> None:
    parser = argparse.ArgumentParser(prog="npm run models:train --")
    commands = parser.add_subparsers(dest="command", required=True)
    forecast = commands.add_parser("forecast", help="trains the built-in model")
    forecast.add_argument("--output", type=Path, help="root of the repository to write into")
    train = commands.add_parser("train", help="trains a model of a family")
    train.add_argument("request", type=Path)
    arguments = parser.parse_args()
    # Each command loads what it needs only.
    if arguments.command == "forecast":
        from .forecast import REPOSITORY, train_forecast

        train_forecast((arguments.output or REPOSITORY).resolve())
    else:
        from .train import train as train_request

        train_request(arguments.request)


if __name__ == "__main__":
    try:
        main()
    except InputProblem as problem:
        print(problem, file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"{error.filename or 'training'}: {error.strerror or error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
