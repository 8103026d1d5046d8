#!/usr/bin/env python3
"""Stands in for kubectl in tests: what it is asked it does to a cluster that is a JSON file, $STAND_IN_CLUSTER.

Faults, as named in $STAND_IN_FAULT: "unreachable", "forbidden", "quota", "no_mpi" refuse as kubectl does; "lost" creates
the object and is killed before it can say so; "half" breaks a copy off in the middle.
"""
import json
import os
import shutil
import signal
import sys
from pathlib import Path

import yaml

CLUSTER = Path(os.environ["STAND_IN_CLUSTER"])
FAULT = os.environ.get("STAND_IN_FAULT", "")
KINDS = {"jobs.batch": "Job", "mpijobs.kubeflow.org": "MPIJob", "pod": "Pod", "pods": "Pod"}
NAMES = {"Job": "job.batch", "MPIJob": "mpijob.kubeflow.org", "Pod": "pod", "PersistentVolumeClaim": "persistentvolumeclaim"}
REFUSALS = {
    "unreachable": "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n"
                   "Unable to connect to the server: dial tcp 10.0.0.1:6443: connect: connection refused",
    "forbidden": 'Error from server (Forbidden): jobs.batch is forbidden: User "me" cannot create resource "jobs"',
    "quota": 'Error from server (Forbidden): jobs.batch "x" is forbidden: exceeded quota: gpus, requested: nvidia.com/gpu=8',
}


def refuse(message):
    print(message, file=sys.stderr)
    sys.exit(1)


def load():
    return json.loads(CLUSTER.read_text()) if CLUSTER.exists() else {"calls": [], "items": []}


def save(cluster):
    CLUSTER.write_text(json.dumps(cluster, indent=1))


def main():
    options = {}
    words = []
    for word in sys.argv[1:]:
        if word.startswith("--"):
            name, _, value = word.partition("=")
            options[name] = value
        else:
            words.append(word)
    cluster = load()
    cluster["calls"].append(sys.argv[1:])
    save(cluster)
    verb = words[0]
    if FAULT == "unreachable" or FAULT in REFUSALS and verb == "create" and "--dry-run" not in options:
        refuse(REFUSALS[FAULT])

    if verb == "create":
        objects = [one for one in yaml.safe_load_all(Path(options["--filename"]).read_text()) if one]
        if FAULT == "no_mpi" and objects[0]["kind"] == "MPIJob":
            refuse('error: resource mapping not found for name: "x": no matches for kind "MPIJob" in version "kubeflow.org/v2beta1"')
        if "--dry-run" in options:
            print(json.dumps(objects[0] if len(objects) == 1 else {"kind": "List", "apiVersion": "v1", "items": objects}))
            return
        for one in objects:
            name = one["metadata"]["name"]
            if any(o["kind"] == one["kind"] and o["metadata"]["name"] == name for o in cluster["items"]):
                refuse(f'Error from server (AlreadyExists): {NAMES[one["kind"]]} "{name}" already exists')
            cluster["items"].append(one)
            save(cluster)
            if FAULT == "lost":
                os.kill(os.getpid(), signal.SIGKILL)
            print(f'{NAMES[one["kind"]]}/{name}')
    elif verb == "get" and len(words) == 3:
        for one in cluster["items"]:
            if one["kind"] == KINDS[words[1]] and one["metadata"]["name"] == words[2]:
                print(f'{NAMES[one["kind"]]}/{words[2]}')
    elif verb == "get":
        key, _, value = options["--selector"].partition("=")
        kinds = {KINDS[kind] for kind in words[1].split(",")}
        items = [o for o in cluster["items"] if o["kind"] in kinds and o["metadata"].get("labels", {}).get(key) == value]
        print(json.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    elif verb == "wait":
        print(words[1] + " condition met")
    elif verb == "cp":
        _, _, source = words[1].partition(":")
        volume = Path(os.environ["STAND_IN_VOLUME"])
        if FAULT == "half":
            first = next(volume.rglob("*.json"))
            target = Path(words[2]) / first.relative_to(volume)
            target.parent.mkdir(parents=True)
            target.write_text(first.read_text()[:100])
            refuse("error: unexpected EOF")
        assert source == "/results", source
        shutil.copytree(volume, words[2], dirs_exist_ok=True)
    elif verb == "delete":
        cluster["items"] = [o for o in cluster["items"] if o["kind"] != "Pod" or o["metadata"]["name"] != words[2]]
        save(cluster)
    else:
        refuse(f"error: unknown command {words}")


main()
