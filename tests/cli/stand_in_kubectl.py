#!/usr/bin/env python3
"""Stands in for kubectl in tests: what it is asked it does to clusters that are a JSON file, $STAND_IN_CLUSTER.

Each object lies in the cluster and the namespace that the contexts of $KUBECONFIG say, a JSON file, as of kubectl itself. Where
it is not there kubectl has one cluster, as in a pod.

Its controller makes a pod of each Job, or warns of what keeps it from that, as Kubernetes does: the Job itself stays
without a word. A pod that is deleted goes on until its grace is over, since "sleep" does not hear that it shall end.

Faults, as named in $STAND_IN_FAULT: "unreachable", "forbidden", "quota", "no_mpi" refuse as kubectl does; "lost" creates
the object and is killed before it can say so; "half" breaks a copy off in the middle; "slow" copies until a file named
go-on is in the volume; "one_namespace" is a user who may list nothing of all namespaces; "baseline" is a namespace whose pods must keep that profile, "pod_quota" one whose quota is used up.
"""
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import yaml

CLUSTER = Path(os.environ["STAND_IN_CLUSTER"])
FAULT = os.environ.get("STAND_IN_FAULT", "")
KINDS = {"jobs.batch": "Job", "mpijobs.kubeflow.org": "MPIJob", "pod": "Pod", "pods": "Pod", "events": "Event"}
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
    # Whole, since others read it meanwhile.
    whole = CLUSTER.with_suffix(f".{os.getpid()}")
    whole.write_text(json.dumps(cluster, indent=1))
    whole.replace(CLUSTER)


BASELINE = {"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
            "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}


def configuration():
    file = Path(os.environ.get("KUBECONFIG", ""))
    none = {"kind": "Config", "apiVersion": "v1", "clusters": None, "contexts": None, "users": None, "current-context": ""}
    return json.loads(file.read_text()) if file.is_file() else none


def place(options):
    """The address of the cluster that is spoken to, and the namespace."""
    known = configuration()
    name = options.get("--context") or known["current-context"]
    context = next((one["context"] for one in known["contexts"] or [] if one["name"] == name), None)
    if name and context is None:
        refuse(f"Error in configuration: context was not found for specified context: {name}")
    context = context or {"cluster": "", "namespace": "default"}
    servers = {one["name"]: one["cluster"]["server"] for one in known["clusters"] or []}
    return servers.get(context["cluster"], ""), options.get("--namespace") or context.get("namespace", "default")


def with_namespace(one, options):
    """An object as kubectl makes it: where it names no namespace it is in that of the call."""
    _, space = place(options)
    own = one["metadata"].get("namespace", space)
    if "--namespace" in options and own != space:
        refuse(f'error: the namespace from the provided object "{own}" does not match the namespace "{space}". You must pass '
               f"'--namespace={own}' to perform this operation.")
    return {**one, "metadata": {**one["metadata"], "namespace": own}}


def require_pod(cluster, name):
    for one in cluster["items"]:
        if one["kind"] == "Pod" and one["metadata"]["name"] == name:
            if "deletionTimestamp" in one["metadata"]:
                refuse("error: command terminated with exit code 137")
            return
    refuse(f'Error from server (NotFound): pods "{name}" not found')


def items_at(cluster, server, space):
    """In a namespace, or in all (None). What a test puts there without saying where is everywhere."""
    return [one for one in cluster["items"]
            if one.get("server", server) == server and (space is None or one["metadata"].get("namespace", space) == space)]


def in_volume(path):
    assert path.startswith("/results/"), path
    return Path(os.environ["STAND_IN_VOLUME"]) / path[len("/results/"):]


def make_pod(cluster, job):
    """What the Job controller does, and the admission of pods says."""
    template, name = job["spec"]["template"], job["metadata"]["name"]
    pod = f"{name}-x7k2p"
    added = set(template["spec"]["containers"][0]["securityContext"]["capabilities"].get("add", []))
    refused = None
    if FAULT == "pod_quota":
        refused = f'pods "{pod}" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=8, limited: 0'
    elif FAULT == "baseline" and added - BASELINE:
        refused = (f'pods "{pod}" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities (container '
                   f'"gpubench" must not include "{min(added - BASELINE)}" in securityContext.capabilities.add)')
    if refused:
        cluster["items"].append({"kind": "Event", "metadata": {"name": f"{name}.17a"}, "type": "Warning",
                                 "reason": "FailedCreate", "message": "Error creating: " + refused,
                                 "lastTimestamp": "2026-11-27T00:00:00Z",
                                 "involvedObject": {"kind": "Job", "name": name}})
    else:
        is_indexed = job["spec"].get("completionMode") == "Indexed"
        for index in range(job["spec"]["completions"]):
            labels = {**template["metadata"]["labels"], "batch.kubernetes.io/job-name": name}
            if is_indexed:
                labels["batch.kubernetes.io/job-completion-index"] = str(index)
            cluster["items"].append({"kind": "Pod", "server": job["server"],
                                     "metadata": {"labels": labels, "name": f"{name}-{index}-x7k2p" if is_indexed else pod,
                                                  "namespace": job["metadata"]["namespace"],
                                                  "creationTimestamp": "2026-11-27T00:00:00Z"},
                                     "spec": template["spec"], "status": {"phase": "Pending"}})


def main():
    options = {}
    words = []
    for word in sys.argv[1:]:
        if word.startswith("--") and word != "--" and "--" not in words:
            name, _, value = word.partition("=")
            options[name] = value
        else:
            words.append(word)
    cluster = load()
    cluster["calls"].append(sys.argv[1:])
    save(cluster)
    verb = words[0]
    if words == ["config", "current-context"]:
        if not configuration()["current-context"]:
            refuse("error: current-context is not set")
        print(configuration()["current-context"])
        return
    if words == ["config", "view"]:
        print(json.dumps(configuration(), indent=4))
        return
    server, space = place(options)
    if FAULT == "unreachable" or FAULT in REFUSALS and verb == "create" and "--dry-run" not in options:
        refuse(REFUSALS[FAULT])

    if verb == "create":
        objects = [one for one in yaml.safe_load_all(Path(options["--filename"]).read_text()) if one]
        if FAULT == "no_mpi" and objects[0]["kind"] == "MPIJob":
            refuse('error: resource mapping not found for name: "x": no matches for kind "MPIJob" in version "kubeflow.org/v2beta1"')
        if "--dry-run" in options:
            for one in objects:
                print(json.dumps(with_namespace(one, options), indent=4))
            return
        for one in objects:
            one = {**with_namespace(one, options), "server": server}
            name, space = one["metadata"]["name"], one["metadata"]["namespace"]
            if any(o["kind"] == one["kind"] and o["metadata"]["name"] == name for o in items_at(cluster, server, space)):
                refuse(f'Error from server (AlreadyExists): {NAMES[one["kind"]]} "{name}" already exists')
            cluster["items"].append(one)
            if one["kind"] == "Job":
                make_pod(cluster, one)
            save(cluster)
            if FAULT == "lost":
                os.kill(os.getpid(), signal.SIGKILL)
            print(f'{NAMES[one["kind"]]}/{name}')
    elif verb == "get" and len(words) == 3:
        for one in items_at(cluster, server, space):
            if one["kind"] == KINDS[words[1]] and one["metadata"]["name"] == words[2]:
                print(json.dumps(one) if options["--output"] == "json" else f'{NAMES[one["kind"]]}/{words[2]}')
    elif verb == "get" and words[1] == "events":
        assert options["--field-selector"] == "type=Warning", options
        print(json.dumps({"kind": "List", "apiVersion": "v1",
                          "items": [one for one in items_at(cluster, server, space) if one["kind"] == "Event"]}))
    elif verb == "get":
        if "--all-namespaces" in options:
            if FAULT == "one_namespace":
                refuse('Error from server (Forbidden): jobs.batch is forbidden: User "me" cannot list resource "jobs" in API '
                       'group "batch" at the cluster scope')
            space = None
        key, _, value = options["--selector"].partition("=")
        kinds = {KINDS[kind] for kind in words[1].split(",")}
        items = [o for o in items_at(cluster, server, space) if o["kind"] in kinds and o["metadata"].get("labels", {}).get(key) == value]
        print(json.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    elif verb == "wait":
        print(words[1] + " condition met")
    elif verb == "cp":
        pod, _, source = words[1].partition(":")
        require_pod({"items": items_at(cluster, server, space)}, pod)
        volume = in_volume(source)
        if not volume.is_dir():
            refuse(f"tar: {source[1:]}: Cannot stat: No such file or directory\nerror: exit status 2")
        while FAULT == "slow" and not (volume.parent / "go-on").exists():
            time.sleep(0.05)
        if FAULT == "half":
            first = next(volume.rglob("*.json"))
            target = Path(words[2]) / first.relative_to(volume)
            target.parent.mkdir(parents=True)
            target.write_text(first.read_text()[:100])
            refuse("error: unexpected EOF")
        shutil.copytree(volume, words[2], dirs_exist_ok=True)
    elif verb == "exec":
        require_pod({"items": items_at(cluster, server, space)}, words[1])
        assert words[2:5] == ["--", "mkdir", "-p"], words
        in_volume(words[5]).mkdir(parents=True, exist_ok=True)
    elif verb == "delete":
        wanted = dict(pair.split("=") for pair in options.get("--selector", "").split(",") if pair)
        for one in items_at(cluster, server, space):
            labels = one["metadata"].get("labels", {})
            chosen = one["metadata"]["name"] == words[2] if len(words) > 2 else wanted.items() <= labels.items()
            if one["kind"] != "Pod" or not chosen:
                continue
            if "--now" in options:
                cluster["items"].remove(one)
            else:
                one["metadata"]["deletionTimestamp"] = "2026-11-27T00:00:30Z"
        save(cluster)
    else:
        refuse(f"error: unknown command {words}")


main()
