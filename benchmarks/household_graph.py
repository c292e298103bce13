"""Claim: the picture of 10,000 nodes moves with at least 30 frames a second while events come in (HH-3).

A real ``mediathek serve``, a real headless Chromium without GPU that watches ``/households``, and a feed that tells
four steps a second, each with 40 views and a device that changes its household. Counted are frames that were drawn:

- *standing*: the whole city, nodes moving where something was touched;
- *shifting*: the camera moves all the time over the whole city, all nodes in view;
- *flying*: the camera goes from the whole city to a few households and back, without pause;
- *naive* (baseline): d3's force simulation over all nodes (charge, links, collision), a tick and a drawing a frame, by
  the same painter in the same page.

Run: ``python -m benchmarks.household_graph [--households 2000] [--seconds 8] [--table]``.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from benchmarks.claim import Claim, say
from benchmarks.household_city import City
from benchmarks.loopback import free_port, wait_for
from core.settings import child_environment, load

TOKEN = "token-of-the-benchmark"  # noqa: S105
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BAR = 30.0
WAYS = ("standing", "shifting", "flying")
TABLE = Path(__file__).with_suffix(".md")
MEASURE = (Path(__file__).parent / "household_graph.js").read_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    parser.add_argument("--table", action="store_true", help="write the table beside this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = load({"MEDIATHEK_HOME": home, "MEDIATHEK_TOKEN": TOKEN})
        city = City(settings.paths, options.households)
        city.write()
        figures = watch(settings, city, options.seconds)
    print(json.dumps(figures, indent=1))
    if options.table:
        write_table(figures)
    ours, naive = min(figures[way]["fps"] for way in WAYS), figures["naive"]["fps"]
    text = f"Households: {figures['nodes']:,} nodes in Chromium, the slowest of {', '.join(WAYS)}"
    figure = f"{ours:.0f} frames/s ({ours / naive:.0f} times the baseline)"
    say(Claim(text, figure, f">= {BAR:.0f} frames/s", ours >= BAR, "d3 force on all nodes each frame, same page"))


def watch(settings: Any, city: City, seconds: float) -> dict[str, Any]:
    """Serve, feed, and look with a browser."""
    port = free_port()
    environment = {**child_environment(settings), "MEDIATHEK_TOKEN": TOKEN}
    command = [sys.executable, "-m", "mediathek", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    stopping = threading.Event()

    def feed() -> None:
        while not stopping.wait(0.25):
            city.happen(40)

    feeding = threading.Thread(target=feed)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        feeding.start()
        return _look(f"http://127.0.0.1:{port}/households", seconds)
    finally:
        stopping.set()
        feeding.join()
        server.terminate()
        server.wait(20)


def _look(address: str, seconds: float) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("household_graph: no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1300, "height": 900})
        page.goto(address)
        page.fill("#token", TOKEN)
        page.click("form button")
        page.wait_for_function("document.getElementById('last').textContent !== ''")
        figures: dict[str, Any] = page.evaluate(MEASURE(), seconds)
        browser.close()
    return figures


def write_table(figures: dict[str, Any]) -> None:
    naive = figures["naive"]["fps"]
    lines = ["| | frames a second | median frame | 95th percentile | ratio |", "|---|---|---|---|---|"]
    names = {"naive": "d3 force on all nodes each frame (baseline)"} | {way: way for way in WAYS}
    for key, name in names.items():
        each = figures[key]
        cells = (name, f"{each['fps']:.1f}", f"{each['p50_ms']:.0f} ms", f"{each['p95_ms']:.0f} ms")
        lines.append(f"| {' | '.join(cells)} | {each['fps'] / naive:.1f} |")
    lines.append("")
    lines.append(
        f"{figures['nodes']:,} nodes, {figures['links']:,} links; headless Chromium without GPU, "
        f"{figures['width']} x {figures['height']} pixels, {os.cpu_count()} cores shared with the server and the feed; "
        f"load average at the end {os.getloadavg()[0]:.1f}. A browser shows 60 frames a second at most."
    )
    TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
