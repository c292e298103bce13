"""Requests at fixed instants to a server on loopback, each counted from when it was due.

A stall is charged to every request that it delays, which a sender that waits for each answer would hide
(Tene, "How NOT to Measure Latency", 2013: coordinated omission).
"""

import asyncio
import statistics
import time
from typing import Any

CONNECTIONS = 64


async def load_at(
    port: int, bodies: list[bytes], rate: float, seconds: float, path: str = "/api/v1/next-video", headers: str = ""
) -> list[float]:
    """Send at fixed instants; milliseconds from when each request was due to its answer's last byte.

    ``headers`` are further lines, each with its line end.
    """
    start = f"POST {path} HTTP/1.1\r\nhost: localhost\r\n{headers}"
    pool: asyncio.Queue[Any] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        pool.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    began = time.perf_counter() + 0.2
    tasks = []
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_one(pool, start, bodies[number % len(bodies)], due)))
    latencies = list(await asyncio.gather(*tasks))
    while not pool.empty():
        pool.get_nowait()[1].close()
    return latencies


async def _one(pool: asyncio.Queue[Any], start: str, body: bytes, due: float) -> float:
    connection = await pool.get()
    reader, writer = connection
    writer.write(f"{start}content-length: {len(body)}\r\n\r\n".encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"no answer: {answer!r}")
    length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    latency = (time.perf_counter() - due) * 1000
    pool.put_nowait(connection)
    return latency


def percentiles(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=1000)
    return {
        "requests": len(values),
        "p50_ms": cuts[499],
        "p95_ms": cuts[949],
        "p99_ms": cuts[989],
        "max_ms": max(values),
    }
