"""As much of a Kubernetes API server as kubectl needs to create, find and list a campaign's objects: discovery, which
says that it checks fields itself, and a store. Nothing runs on it."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

# kind, plural, group version
KINDS = [("Pod", "pods", "v1"), ("Event", "events", "v1"), ("Job", "jobs", "batch/v1"), ("MPIJob", "mpijobs", "kubeflow.org/v2beta1")]


def root_of(version):
    return "/api/v1" if version == "v1" else f"/apis/{version}"


def group_of(version):
    return "" if version == "v1" else version.split("/")[0]


def resources(version):
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version,
            "resources": [{"name": plural, "singularName": kind.lower(), "namespaced": True, "kind": kind,
                           "verbs": ["create", "delete", "get", "list", "patch"]}
                          for kind, plural, of in KINDS if of == version]}


def groups():
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
        {"name": group_of(version), "versions": [{"groupVersion": version, "version": version.split("/")[1]}],
         "preferredVersion": {"groupVersion": version, "version": version.split("/")[1]}}
        for version in ("batch/v1", "kubeflow.org/v2beta1")]}


def openapi(version):
    """Says that the server validates fields (the parameter fieldValidation)."""
    paths = {}
    for kind, plural, of in KINDS:
        if of == version:
            paths[f"{root_of(version)}/namespaces/{{namespace}}/{plural}/{{name}}"] = {"patch": {
                "parameters": [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}],
                "responses": {},
                "x-kubernetes-group-version-kind": {"group": group_of(version), "version": version.split("/")[-1],
                                                    "kind": kind}}}
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.32"}, "paths": paths}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self, status, reason, message):
        self.answer({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message,
                     "code": status, "details": {}}, status)

    def place(self):
        """(plural, group version, name) of a path to objects, or None."""
        found = re.fullmatch(r"(/api/v1|/apis/[^/]+/[^/]+)/namespaces/([^/]+)/([a-z]+)(?:/([^/]+))?", urlparse(self.path).path)
        if not found:
            return None
        version = next(v for _, _, v in KINDS if root_of(v) == found[1])
        return found[3], version, found[4]

    def do_GET(self):
        path = urlparse(self.path).path
        fixed = {"/api": {"kind": "APIVersions", "versions": ["v1"]}, "/apis": groups(),
                 "/version": {"major": "1", "minor": "32", "gitVersion": "v1.32.0"},
                 "/openapi/v3": {"paths": {root_of(v)[1:]: {"serverRelativeURL": "/openapi/v3" + root_of(v)}
                                           for _, _, v in KINDS}}}
        for _, _, version in KINDS:
            fixed[root_of(version)] = resources(version)
            fixed["/openapi/v3" + root_of(version)] = openapi(version)
        if path in fixed:
            return self.answer(fixed[path])
        place = self.place()
        if not place:
            return self.refuse(404, "NotFound", f"no {path}")
        plural, version, name = place
        kind = next(k for k, p, v in KINDS if p == plural and v == version)
        stored = [o for o in self.server.objects if o["kind"] == kind]
        if name:
            for one in stored:
                if one["metadata"]["name"] == name:
                    return self.answer(one)
            return self.refuse(404, "NotFound", f'{plural} "{name}" not found')
        for selector in parse_qs(urlparse(self.path).query).get("labelSelector", []):
            key, value = selector.split("=")
            stored = [o for o in stored if o["metadata"].get("labels", {}).get(key) == value]
        for selector in parse_qs(urlparse(self.path).query).get("fieldSelector", []):
            key, value = selector.split("=")
            stored = [o for o in stored if o.get(key) == value]
        return self.answer({"kind": kind + "List", "apiVersion": version, "metadata": {}, "items": stored})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        plural, _, _ = self.place()
        self.server.queries.append(parse_qs(urlparse(self.path).query))
        name = body["metadata"]["name"]
        if any(o["kind"] == body["kind"] and o["metadata"]["name"] == name for o in self.server.objects):
            return self.refuse(409, "AlreadyExists", f'{plural} "{name}" already exists')
        body["metadata"]["uid"] = f"uid-{len(self.server.objects)}"
        self.server.objects.append(body)
        return self.answer(body, 201)


class Cluster(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects, self.queries = [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def configuration(self):
        return {"apiVersion": "v1", "kind": "Config", "current-context": "here",
                "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{self.server_address[1]}"}}],
                "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me", "namespace": "default"}}],
                "users": [{"name": "me", "user": {"token": "none"}}]}

    def close(self):
        self.shutdown()
        self.server_close()
