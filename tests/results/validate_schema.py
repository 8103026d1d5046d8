#!/usr/bin/env python3
"""Holds run files against a JSON Schema: validate_schema.py SCHEMA FILE...

A field that the schema does not describe is refused too: readers ignore such a field, but a writer may not add one
without describing it. Exit status 0: all valid; 1: one is not; 2: it could not be checked.
"""
import json
import sys

try:
    from jsonschema import Draft7Validator
except ImportError:
    sys.exit("python3-jsonschema is missing: install it with 'apt-get install python3-jsonschema'")


def close(schema):
    """Forbids undescribed members in every object whose members are described."""
    if isinstance(schema, dict):
        for value in schema.values():
            close(value)
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    elif isinstance(schema, list):
        for value in schema:
            close(value)


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    with open(sys.argv[1], encoding="utf-8") as stream:
        schema = json.load(stream)
    Draft7Validator.check_schema(schema)
    close(schema)
    validator = Draft7Validator(schema)
    wrong = 0
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as stream:
            document = json.load(stream)
        for failure in validator.iter_errors(document):
            path = "/".join(str(part) for part in failure.absolute_path)
            print(f"{name}: {path}: {failure.message[:300]}", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
