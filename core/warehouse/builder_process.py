"""dbt's process: loads dbt and the project, says so, waits for one command, runs it, answers and ends.

`python -m core.warehouse.builder_process SOCKET PLACE`: the number of an open socket, and as JSON the arguments that
say where the project is. What goes over the socket are lines of JSON; with the command comes the warehouse's lock,
which this process then holds to its end.
"""

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
from typing import Any

QUIET = ("--no-use-colors", "--log-level", "none", "--log-level-file", "none")
_LONGEST_COMMAND = 1 << 16


def main() -> None:
    """Answer one command."""
    # Linux only: the kernel ends us when the process that started us is gone
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    gc.disable()  # a short life, and nothing that would be freed
    channel, place = socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2])
    manifest, problem = _load(place)
    _say(channel, {"error": problem} if problem else {"ready": True})
    if not problem:
        _compile_macros(manifest, channel)
    gc.freeze()  # so that the one collection at the end looks at little
    line, _, _, _ = socket.recv_fds(channel, _LONGEST_COMMAND, 1)
    if line and not problem:
        _say(channel, _run(manifest, json.loads(line), place))


def _load(place: list[str]) -> tuple[Any, str]:
    """Import dbt and read the project, as the last run left it where nothing has changed; return what is wrong, too."""
    import dbt.adapters.duckdb  # what a build needs only later, and would wait for then
    import dbt.task.build  # noqa: F401
    from dbt.cli.main import dbtRunner

    done = dbtRunner().invoke([*QUIET, "--no-write-json", "parse", *place])
    return (done.result, "") if done.success else (None, str(done.exception))


def _compile_macros(manifest: Any, channel: socket.socket) -> None:
    """While nobody asks for anything yet: dbt would compile each macro when it first needs it."""
    from dbt_common.clients.jinja import template_cache

    for macro in manifest.macros.values():
        if select.select([channel], [], [], 0)[0]:
            return
        template_cache.get_node_template(macro)


def _run(manifest: Any, command: list[str], place: list[str]) -> dict[str, Any]:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    is_build = command[0] == "build"  # only `docs` needs the project's description on disk
    runner = dbtRunner(manifest=manifest if is_build else None)
    done = runner.invoke([*QUIET, *(["--no-write-json"] if is_build else []), *command, *place])
    DuckDBConnectionManager.close_all_connections()
    gc.collect()  # the connections that dbt still holds: DuckDB writes its file to its end when the last one is gone
    nodes = [
        (row.node.unique_id, str(row.status), float(row.execution_time), str(row.message or ""))
        for row in getattr(done.result, "results", ())
        if hasattr(row, "execution_time")
    ]
    return {"nodes": nodes, "error": str(done.exception or "") or ("" if done.success else "see its nodes")}


def _say(channel: socket.socket, words: dict[str, Any]) -> None:
    channel.sendall(json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # all is written and closed; taking the interpreter apart is not worth the wait
