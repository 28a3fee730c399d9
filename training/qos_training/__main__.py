"""`python -m qos_training NAME`: trains a built-in model."""

import argparse
from pathlib import Path

from .forecast import REPOSITORY, train_forecast

MODELS = {"forecast": train_forecast}


def main() -> None:
    parser = argparse.ArgumentParser(prog="npm run models:train --", description="Trains a built-in model.")
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument("--output", type=Path, default=REPOSITORY, help="root of the repository to write into")
    arguments = parser.parse_args()
    MODELS[arguments.model](arguments.output.resolve())


if __name__ == "__main__":
    main()
