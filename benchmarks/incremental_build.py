"""Claim: one more hour on top of 30 days costs at most 0.15 of a full build, and gives the same tables.

Run: python -m benchmarks.incremental_build [--events 5000000]; its table is incremental_build.md.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.claim import Claim, say
from core import warehouse
from core.contracts import exports
from core.paths import Paths
from core.settings import Settings, child_environment, load
from core.storage import connect
from core.warehouse import Builder

END = datetime(2026, 5, 1, tzinfo=UTC)
DAYS = 30
LIMIT = 0.15
REPORTS_PER_PLAYBACK = 5
WARMING_SECONDS = 3  # ingestion, during which the pipeline's builder is idle, takes longer

_CATALOGUE = """
copy (
    select 'c' || i as content_id, case when i % 50 = 0 then 'page' else 'video' end as kind, 'Title ' || i as title,
        '/path/' || i as path,
        ['documentary','report','news','fiction','show','sport','kids','magazine'][1 + i % 8] as genre,
        case when i % 8 = 6 then 'kids' else 'general' end as audience, null::varchar as collection,
        case when i % 3 = 0 then 's' || (i // 60) end as series_id, case when i % 3 = 0 then 1 end::integer as season,
        case when i % 3 = 0 then i % 60 // 3 + 1 end::integer as episode, (600 + (i * 37) % 4800)::double as duration_s,
        timestamp '2026-01-01' as published_at, null::timestamp as available_from, null::timestamp as available_until,
        true as is_playable, ['cooking'] as categories, timestamp '2026-01-01' as updated_at, 1::bigint as batch_id
    from range({contents}) as t(i)
) to '{file}' (format parquet)
"""

# Hashes stand for chance: the same numbers on every run. Popularity and activity fall off with the square.
_EVENTS = """
copy (
    with playbacks as (
        select i, md5('p' || i) as playback_id, md5('d' || d) as device_key,
            ['tv','smartphone','tablet','desktop'][1 + d % 4] as device_class, hash(i, 3) % 10 > 0 as has_consent,
            floor({contents} * pow((hash(i, 1) % 1000003) / 1000003.0, 2))::bigint as c, started_at
        from (
            select i, floor({devices} * pow((hash(i, 2) % 1000003) / 1000003.0, 1.5))::bigint as d,
                timestamp '{start}'
                    + to_microseconds(({span} * ((hash(i, 4) % 100000007) / 100000007.0))::bigint) as started_at
            from range({first}, {first} + {playbacks}) as t(i)
        )
    ),
    reports as (
        select md5(playback_id || k) as event_id, 'view' as event, started_at + to_seconds(k * 120) as happened_at,
            device_key, device_class, 'c' || c as content_id, playback_id, (k * 120)::double as watched_s,
            (600 + (c * 37) % 4800)::double as duration_s, null::varchar as use_case, null::varchar as arm,
            null::varchar[] as items, has_consent
        from playbacks, range({reports}) as r(k)
    ),
    recommendations as (
        select md5('r' || i) as event_id, 'recommendation' as event, started_at - interval 5 second as happened_at,
            device_key, device_class, null as content_id, null as playback_id, null::double as watched_s,
            null::double as duration_s, 'next-video' as use_case,
            ['control', 'blend'][1 + (hash(device_key) % 2)::bigint] as arm,
            [ 'c' || (c + j) % {contents} for j in range(6) ] as items, has_consent
        from playbacks where hash(i, 5) % 2 = 0
    ),
    events as (select * from reports union all select * from recommendations)
    select event_id, event, happened_at, case when has_consent then device_key end as device_key,
        null::varchar as address_key, null::varchar as user_key, false as is_mac_local, device_class, content_id,
        null::varchar as series_id, playback_id, watched_s, null::double as position_s, duration_s,
        null::varchar as page, use_case, arm, items, null::varchar as spot_id, null::varchar as break_id,
        has_consent as has_personalisation_consent, false as has_advertising_consent, {batch}::bigint as batch_id,
        strftime(happened_at, '%Y-%m-%dT%H') as hour
    from events
) to '{folder}' (format parquet, partition_by (hour), overwrite_or_ignore, filename_pattern 'batch-{batch}-{{i}}')
"""


def write_lake(paths: Paths, events: int) -> None:
    """Write 30 days of about ``events`` events, and the catalogue."""
    contents = 8000
    paths.catalogue.parent.mkdir(parents=True, exist_ok=True)
    with connect() as connection:
        connection.execute(_CATALOGUE.format(contents=contents, file=paths.catalogue))
    _write_events(paths, events, 0, END - timedelta(days=DAYS), timedelta(days=DAYS), 1)


def write_next_hour(paths: Paths, events: int, number: int = 0) -> None:
    """Write the ``number``-th hour after, and a twentieth as many late events somewhere in the day before it."""
    an_hour, hour, batch = events // (DAYS * 24), END + timedelta(hours=number), 2 + 2 * number
    _write_events(paths, an_hour, batch * 10**9, hour, timedelta(hours=1), batch, events)
    late = max(an_hour // 20, 20)
    _write_events(paths, late, (batch + 1) * 10**9, hour - timedelta(days=1), timedelta(days=1), batch + 1, events)


def _write_events(
    paths: Paths, events: int, first: int, start: datetime, span: timedelta, batch: int, of_all: int | None = None
) -> None:
    playbacks = round(events / (REPORTS_PER_PLAYBACK + 0.5))
    devices = max((of_all or events) // 250, 10)
    paths.events.mkdir(parents=True, exist_ok=True)
    query = _EVENTS.format(
        contents=8000, devices=devices, start=start.strftime("%Y-%m-%d %H:%M:%S"), span=int(span.total_seconds() * 1e6),
        first=first, playbacks=playbacks, reports=REPORTS_PER_PLAYBACK, batch=batch, folder=paths.events,
    )  # fmt: skip
    with connect(threads=2) as connection:
        connection.execute(query)


def difference(one: Paths, other: Paths) -> dict[str, int]:
    """Count, for each export, the rows that only one of two warehouses has."""
    counts = {}
    with connect(threads=2) as connection:
        for model in exports.COLUMNS:
            a, b = f"from '{one.export(model)}'", f"from '{other.export(model)}'"
            query = f"select count(*) from ((({a}) except all ({b})) union all (({b}) except all ({a})))"
            counts[model] = int(connection.execute(query).fetchall()[0][0])
    return counts


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of the processors, ours and our children's."""

    seconds: float
    cpu_seconds: float


def run(events: int, home: Path, rounds: int) -> dict[str, object]:
    """Build 30 days; then in each round one more hour and, elsewhere, the same lake anew: best of the rounds of each.

    Each is measured twice: as `mediathek build`, a whole process with all that it has to load, and from "go" in a
    process that has dbt loaded already, as the pipeline does. A round takes two hours, one for each way.
    """
    settings, anew = _settings(home / "a"), _settings(home / "b")
    write_lake(settings.paths, events)
    assert warehouse.build(settings, END).mode == "full"
    shutil.copytree(settings.paths.lake, anew.paths.lake, copy_function=os.link)
    assert warehouse.build(anew, END).mode == "full"  # so that both have read the project before
    costs: dict[str, list[Cost]] = {name: [] for name in ("hour", "full", "hour_from_start", "full_from_start")}
    for number in range(2 * rounds):
        write_next_hour(settings.paths, events, number)
        as_of = END + timedelta(hours=number + 1)
        shutil.rmtree(anew.paths.lake)
        shutil.copytree(settings.paths.lake, anew.paths.lake, copy_function=os.link)
        if number % 2:
            costs["hour_from_start"].append(from_start(settings, "build", as_of))
            costs["full_from_start"].append(from_start(anew, "rebuild", as_of))
        else:
            costs["hour"].append(from_go(settings, as_of, "incremental"))
            costs["full"].append(from_go(anew, as_of, "full"))
    best = {name: Cost(min(c.seconds for c in of), min(c.cpu_seconds for c in of)) for name, of in costs.items()}
    return {
        "events": events,
        "rounds": rounds,
        **{name: {"seconds": round(c.seconds, 2), "cpu_seconds": round(c.cpu_seconds, 2)} for name, c in best.items()},
        **_ratios(best, "hour", "full", "ratio"),
        **_ratios(best, "hour_from_start", "full_from_start", "ratio_from_start"),
        "tables_differ": {model: n for model, n in difference(settings.paths, anew.paths).items() if n},
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _ratios(best: dict[str, Cost], hour: str, full: str, name: str) -> dict[str, float]:
    return {
        name: round(best[hour].seconds / best[full].seconds, 3),
        f"{name}_cpu": round(best[hour].cpu_seconds / best[full].cpu_seconds, 3),
    }


def from_start(settings: Settings, command: str, as_of: datetime) -> Cost:
    """A process of its own from nothing to its end."""
    started, cpu = time.perf_counter(), _cpu_seconds()
    subprocess.run(
        [sys.executable, "-m", "mediathek", command, "--as-of", as_of.isoformat()],
        env=child_environment(settings), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return Cost(time.perf_counter() - started, _cpu_seconds() - cpu)


def from_go(settings: Settings, as_of: datetime, mode: str) -> Cost:
    """A build by a dbt that has been started and has read its project."""
    with Builder(settings) as builder:
        builder.wait_until_loaded()
        time.sleep(WARMING_SECONDS)
        loading = _cpu_seconds_of(builder.process_id)
        started, cpu = time.perf_counter(), _cpu_seconds()
        report = warehouse.build(settings, as_of, full_refresh=mode == "full", builder=builder)
        cost = Cost(time.perf_counter() - started, _cpu_seconds() - cpu - loading)
    assert report.mode == mode
    return cost


def _cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _cpu_seconds_of(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _settings(home: Path) -> Settings:
    return load({"MEDIATHEK_HOME": str(home)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbt-bench-") as folder:
        found = run(arguments.events, Path(folder), arguments.rounds)
    print(json.dumps(found, indent=2))
    size, ratio, differ = f"{arguments.events / 1e6:g} million events", found["ratio"], found["tables_differ"]
    assert isinstance(ratio, float)
    assert isinstance(differ, dict)
    baseline = f"full build, same lake, dbt loaded in both (from a process's start: {found['ratio_from_start']})"
    say(Claim(f"dbt, {size}: one more hour", f"{ratio:.3f}", f"<= {LIMIT}", ratio <= LIMIT, baseline))
    rows = sum(differ.values())
    say(Claim(f"dbt, {size}: rows that differ", str(rows), "= 0", not rows, "full build, same lake"))


if __name__ == "__main__":
    main()
