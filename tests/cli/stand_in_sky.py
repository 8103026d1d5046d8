#!/usr/bin/env python3
"""Stands in for SkyPilot's sky in tests: managed jobs are rows of a JSON file, $STAND_IN_CLUSTER, and requests to its API
server those of another beside it. Fault "lost": the job is there, and the command is killed before it can say so;
"delayed": the command is killed while its request is still worked on, and the job comes into the queue when register() of
the tests is called; "quota": no cloud gives the machine."""
import json
import os
import signal
import sys
from pathlib import Path

import yaml

QUEUE = Path(os.environ["STAND_IN_CLUSTER"])
REQUESTS = QUEUE.with_name("requests.json")
FAULT = os.environ.get("STAND_IN_FAULT", "")


def read(path):
    return json.loads(path.read_text()) if path.exists() else []


def launch(words):
    task = yaml.safe_load(Path(words[-1]).read_text())
    environment = dict(task.get("envs", {}))
    if "--env" in words:
        key, _, value = words[words.index("--env") + 1].partition("=")
        assert key in environment, "sky takes --env for what the task has alone"
        environment[key] = value
    nodes = int(words[words.index("--num-nodes") + 1]) if "--num-nodes" in words else task["num_nodes"]
    return {"task_id": 0, "job_name": words[words.index("--name") + 1], "status": "PENDING", "failure_reason": None,
            "start_at": None, "end_at": None, "envs": environment, "num_nodes": nodes}


def main():
    rows, requests = read(QUEUE), read(REQUESTS)
    words = sys.argv[1:]
    if words[:2] == ["jobs", "queue"]:
        assert words[words.index("-o") + 1] == "json", words
        print(json.dumps(rows))
    elif words[:2] == ["api", "status"]:
        # Without --all-status only requests that have not ended; without --limit the first 50 of them.
        assert words[words.index("-o") + 1] == "json" and words[words.index("--limit") + 1] == "all", words
        shown = ("request_id", "name", "user_id", "status", "created_at")
        print(json.dumps([{key: one[key] for key in shown} for one in requests if one["status"] in ("PENDING", "RUNNING")]))
    elif words[:2] == ["jobs", "launch"]:
        if FAULT == "quota":
            print("sky.exceptions.ResourcesUnavailableError: quota of p5.48xlarge is 0 in us-east-1", file=sys.stderr)
            sys.exit(1)
        row = launch(words)
        if FAULT == "delayed":
            requests.append({"request_id": f"request-{len(requests) + 1}", "name": "sky.jobs.launch", "user_id": "a1b2",
                             "status": "RUNNING", "created_at": 1795305600.0, "row": row})
            REQUESTS.write_text(json.dumps(requests))
            os.kill(os.getpid(), signal.SIGKILL)
        rows.append({"job_id": len(rows) + 1, **row})
        QUEUE.write_text(json.dumps(rows))
        if FAULT == "lost":
            os.kill(os.getpid(), signal.SIGKILL)
        print(f"Job submitted, ID: {len(rows)}")
    else:
        print(f"Error: No such command {words}", file=sys.stderr)
        sys.exit(2)


main()
