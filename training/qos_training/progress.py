"""Progress on a terminal; one line per stage elsewhere."""

import sys
from collections.abc import Callable

WIDTH = 30


def progress_bar(name: str) -> Callable[[int, int], None]:
    """Call the result with (done, all)."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty():
            filled = WIDTH * done // total
            end = "\n" if done == total else ""
            print(f"\r{name:10}[{'=' * filled}{' ' * (WIDTH - filled)}] {done}/{total}", end=end, file=sys.stderr, flush=True)
        elif done == total:
            print(f"{name}: {total} of {total}", file=sys.stderr)

    return show
