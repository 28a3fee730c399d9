"""What the sensor of Scanflow's data-connector does with predictions, for a test: python sensor.py URI [FREQUENCY].

A rewrite from what is known of it, not its code: the newest run of experiment `predictor`, of the last FREQUENCY
seconds if given; the node of `max_qos_index` when `max_qos` is above 25. With DATA_CONNECTOR set to a checkout of
github.com/bsc-scanflow/data-connector, its own files run instead, unchanged; what is not its sensor (Kubernetes,
FastAPI, Scanflow's client) is stood in for here. Prints {"max_qos": ..., "node": ... or null}.
"""

import asyncio
import importlib.util
import json
import os
import sys
import time
import types

import mlflow

# The list that the original's actuator goes by.
NODES = [
    "cloudskin-k8s-control-plane-0.novalocal",
    "cloudskin-k8s-worker-1.novalocal",
    "cloudskin-k8s-worker-0.novalocal",
    "cloudskin-k8s-edge-worker-2.novalocal",
    "cloudskin-k8s-edge-worker-1.novalocal",
    "cloudskin-k8s-edge-worker-0.novalocal",
]
SLA = 25


def rewritten(uri: str, frequency: int | None) -> dict:
    mlflow.set_tracking_uri(uri)
    experiment = mlflow.get_experiment_by_name("predictor")
    created = "" if frequency is None else f"attributes.created > {int((time.time() - frequency) * 1000)}"
    runs = mlflow.search_runs(
        experiment_ids=[experiment.experiment_id], filter_string=created, max_results=100, output_format="list"
    )
    if not runs:
        return {"max_qos": 0, "node": None}
    data = runs[0].data
    max_qos = data.metrics["max_qos"]
    return {"max_qos": max_qos, "node": NODES[int(data.params["max_qos_index"])] if max_qos > SLA else None}


def original(origin: str, uri: str, frequency: int | None) -> dict:
    found = {"max_qos": None, "node": None}

    class Deployments:
        def patch_namespaced_deployment(self, name, namespace, body):
            found["node"] = body["spec"]["template"]["spec"]["nodeSelector"]["kubernetes.io/hostname"]

    class Message(dict):
        def __getattr__(self, name):
            return self[name]

        def dict(self):
            found["max_qos"] = self["value"]
            return {"value": self["value"]}

    def module(name: str, **members) -> None:
        made = types.ModuleType(name)
        made.__path__ = []
        vars(made).update(members)
        sys.modules[name] = made

    anything = {name: object for name in ("FastAPI", "APIRouter", "Depends", "Response", "status", "HTTPException")}
    client = types.SimpleNamespace(AppsV1Api=Deployments, api_client=None)
    module("fastapi", **anything)
    module("kubernetes", client=client, utils=None, config=types.SimpleNamespace(load_incluster_config=lambda: None))
    for name in ("scanflow", "scanflow.tools", "scanflow.agent", "scanflow.agent.schemas", "scanflow.agent.sensors"):
        module(name)
    module("scanflow.tools.env", get_env=lambda name: "planner")
    module("scanflow.agent.schemas.message", SensorMessage=Message)
    tracker = types.SimpleNamespace(get_tracker_uri=lambda is_local: uri)
    module("scanflow.client", ScanflowTrackerClient=lambda **options: tracker)
    module("planner")

    def load(name: str, file: str) -> types.ModuleType:
        spec = importlib.util.spec_from_file_location(name, os.path.join(origin, file))
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[name] = loaded
        spec.loader.exec_module(loaded)
        return loaded

    load("scanflow.agent.sensors.sensor", "scanflow/agent/sensors/sensor.py")
    planner = "examples/cloudedge/dataengineer/agents/planner"
    load("planner.custom_rules", f"{planner}/custom_rules.py")
    load("planner.custom_actuators", f"{planner}/custom_actuators.py")
    sensors = load("planner.custom_sensors", f"{planner}/custom_sensors.py")
    asyncio.run(sensors.watch_qos(**({} if frequency is None else {"frequency": frequency})))
    return found


if __name__ == "__main__":
    uri, *rest = sys.argv[1:]
    frequency = int(rest[0]) if rest else None
    origin = os.environ.get("DATA_CONNECTOR")
    # What the original prints is not the answer.
    answer, sys.stdout = sys.stdout, sys.stderr
    result = original(origin, uri, frequency) if origin else rewritten(uri, frequency)
    print(json.dumps(result), file=answer)
