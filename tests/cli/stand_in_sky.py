#!/usr/bin/env python3
"""Stands in for SkyPilot's sky in tests: managed jobs are rows of a JSON file, $STAND_IN_CLUSTER. Fault "lost": the job is
there, and the command is killed before it can say so; "quota": no cloud gives the machine."""
import json
import os
import signal
import sys
from pathlib import Path

import yaml

QUEUE = Path(os.environ["STAND_IN_CLUSTER"])
FAULT = os.environ.get("STAND_IN_FAULT", "")


def main():
    rows = json.loads(QUEUE.read_text()) if QUEUE.exists() else []
    words = sys.argv[1:]
    if words[:2] == ["jobs", "queue"]:
        assert words[words.index("-o") + 1] == "json", words
        print(json.dumps(rows))
    elif words[:2] == ["jobs", "launch"]:
        if FAULT == "quota":
            print("sky.exceptions.ResourcesUnavailableError: quota of p5.48xlarge is 0 in us-east-1", file=sys.stderr)
            sys.exit(1)
        task = yaml.safe_load(Path(words[-1]).read_text())
        name = words[words.index("--name") + 1]
        environment = dict(task.get("envs", {}))
        if "--env" in words:
            key, _, value = words[words.index("--env") + 1].partition("=")
            assert key in environment, "sky takes --env for what the task has alone"
            environment[key] = value
        nodes = int(words[words.index("--num-nodes") + 1]) if "--num-nodes" in words else task["num_nodes"]
        rows.append({"job_id": len(rows) + 1, "task_id": 0, "job_name": name, "status": "PENDING", "failure_reason": None,
                     "start_at": None, "end_at": None, "envs": environment, "num_nodes": nodes})
        QUEUE.write_text(json.dumps(rows))
        if FAULT == "lost":
            os.kill(os.getpid(), signal.SIGKILL)
        print(f"Job submitted, ID: {len(rows)}")
    else:
        print(f"Error: No such command {words}", file=sys.stderr)
        sys.exit(2)


main()
