"""`mlflow server`, but in one process: what is done to it is done to the one that serves."""

import os

import mlflow.server
from mlflow.cli import cli


def become(command, extra_env, **_):
    os.execve(command[0], command, {**os.environ, **extra_env})


mlflow.server._exec_cmd = become
cli()
