"""A folder that keeps what each stage of a run gave: an interrupted run goes on where it was."""

import json
import os
import pickle
from pathlib import Path


class RunFolder:
    """The folder's name is a hash of everything the run depends on; so what lies in it is right."""

    def __init__(self, path: Path):
        self.path = path
        (path / "stages").mkdir(parents=True, exist_ok=True)

    def once(self, name: str, compute):
        """What was kept as `name`, else what `compute` gives, which is kept whole or not at all."""
        file = self.path / "stages" / f"{name}.pickle"
        try:
            return pickle.loads(file.read_bytes())
        except FileNotFoundError:
            result = compute()
            write(file, pickle.dumps(result))
            return result


def write(file: Path, content: bytes) -> None:
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(content)
    os.replace(part, file)


def write_json(file: Path, content) -> None:
    write(file, (json.dumps(content, indent="\t") + "\n").encode())
