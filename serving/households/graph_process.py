"""The graph in a process of its own: building it never holds up the interpreter that answers requests.

Reads one JSON object a line from standard input: ``{"do": "refresh", "after": seq}``, ``{"do": "snapshot"}``,
``{"do": "select", ...}`` or ``{"do": "describe", "household": id}``. Answers each with a line of JSON, whose ``sizes``
say how many bytes follow, part by part. Ends with its standard input.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from core import clock, logs
from core.paths import Paths
from serving.households.describe import describe
from serving.households.liveness import liveness
from serving.households.selection import Selection, written
from serving.households.source import GraphSource

_log = logging.getLogger("mediathek")
_NICENESS = 5  # requests come first
Answer = tuple[dict[str, Any], list[bytes]]


def answer(source: GraphSource, paths: Paths, asked: dict[str, Any]) -> Answer:
    """Take up what is new, and answer."""
    source.refresh()
    head = {"seq": source.versions.seq, "epoch": source.epoch, "node_count": len(source.graph.nodes)}
    head["status"] = liveness(paths, clock.now())
    if asked["do"] == "refresh":
        versions = source.versions.after(asked["after"]) if asked["epoch"] == source.epoch else None
        return head | {"is_known": versions is not None}, [version.body for version in versions or ()]
    if asked["do"] == "snapshot":
        seq, body = source.snapshot()
        return head | {"seq": seq}, [body]
    if asked["do"] == "select":
        selection = Selection(**asked["selection"])
        is_known = selection.household is None or selection.household in source.graph.nodes
        return head | {"is_known": is_known}, [written(source.selected(selection))] if is_known else []
    found = describe(source, paths, asked["household"])
    return head | {"is_known": found is not None}, [] if found is None else [orjson.dumps(found)]


def serve(home: Path, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions."""
    paths = Paths(home)
    source = GraphSource(paths, clock.now)
    for line in questions:
        try:
            head, parts = answer(source, paths, orjson.loads(line))
        except Exception:  # told by the one who asked as an error of the server; the next question may go well
            _log.exception("households: a question could not be answered")
            head, parts = {"error": True}, []
        answers.write(orjson.dumps(head | {"sizes": [len(part) for part in parts]}) + b"\n")
        answers.writelines(parts)
        answers.flush()


if __name__ == "__main__":
    logs.set_up()
    os.nice(_NICENESS)
    serve(Path(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
