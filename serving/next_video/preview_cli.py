"""``mediathek next-video preview`` and ``... replay``: what a rule would do, and what an answer was made from."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from core import clock
from core.errors import StageError, UserError
from core.logs import progress

AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")]


def preview(
    rules: Annotated[Path, typer.Argument(help="A changed copy of config/next_video/rules.yaml.")],
    until: Annotated[str | None, typer.Option(help="End of the 24 hours, RFC 3339; the clock if not given.")] = None,
    requests: Annotated[int, typer.Option(min=1, help="Requests at most.")] = 100_000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Answer the requests of the last 24 hours again under changed rules, and say what would change."""
    from core.algorithms.next_video.rules import load_rules
    from core.settings import apply_no_telemetry, load
    from serving.next_video.preview import preview as run
    from serving.registry import MlflowChampions

    settings, changed = load(), load_rules(rules)
    apply_no_telemetry()
    at = clock.parse_instant(until, "until") if until else clock.now()
    found = run(settings, MlflowChampions(settings.paths), changed, at, requests, workers)
    if as_json:
        sys.stdout.write(json.dumps(as_values(found), ensure_ascii=False) + "\n")
        return
    change = found.change
    share = change.changed_count / change.request_count
    progress(f"{change.request_count} requests, {change.changed_count} answers would change ({share:.1%})")
    for outcome in sorted(set(change.before.outcomes) | set(change.after.outcomes)):
        progress(f"  {outcome}: {change.before.outcomes[outcome]} now, {change.after.outcomes[outcome]} then")
    _tell_order(change.before, change.after)
    if found.volume is None:
        progress("  viewing volume: nothing is known of these answers")
        return
    volume = found.volume
    progress(
        f"  viewing volume: {volume.seconds_per_answer:.0f} s ({volume.low:.0f} to {volume.high:.0f}) for an answer "
        f"that stays, as {volume.support_share:.1%} of those do that can be followed; of the others nothing is known, "
        "as what was never shown was never watched: only an experiment tells"
    )


def _tell_order(before: Any, after: Any) -> None:
    """What editors' controls do to the order: before and after."""
    genres, tail = (before.genres_per_answer, after.genres_per_answer), (before.tail_share, after.tail_share)
    progress(f"  different genres in an answer: {genres[0]:.2f} now, {genres[1]:.2f} then")
    progress(f"  not among the most played: {tail[0]:.1%} of the items now, {tail[1]:.1%} then")
    for control in sorted(set(before.moved) | set(after.moved)):
        progress(f"  moved up by {control}: {before.moved[control]} items now, {after.moved[control]} then")


def replay(
    decision_id: Annotated[str, typer.Argument(help="X-Decision-Id of the answer.")], as_json: AsJson = False
) -> None:
    """Compute a past answer again and say whether the same comes out."""
    from core.settings import apply_no_telemetry, load
    from serving.next_video.decisions import as_json as told
    from serving.next_video.past import CannotReplayError, PastModels, find
    from serving.next_video.past import replay as run
    from serving.registry import MlflowChampions

    settings = load()
    apply_no_telemetry()
    record = find(settings.paths, decision_id)
    if record is None:
        raise UserError(f"decision-id: no decision {decision_id} is kept")
    try:
        again = run(settings, PastModels(MlflowChampions(settings.paths)), record)
    except CannotReplayError as error:
        raise StageError(f"replay: {error}") from None
    if as_json:
        sys.stdout.write(json.dumps(told(record, again, None), default=str, ensure_ascii=False) + "\n")
    for item, reason in zip(again.decision.items, again.why, strict=True):
        progress(f"  {again.titles.get(item.content_id, item.content_id)}: {reason.text(again.titles, 'en')}")
    if not again.is_identical:
        raise StageError(f"replay: decision {decision_id} comes out differently; please report it")
    progress("the same answer comes out, to the last bit")


def as_values(found: Any) -> dict[str, Any]:
    """A preview as JSON values."""
    change = found.change
    sides = {
        name: {part: dict(getattr(side, part)) for part in ("outcomes", "genre", "collection", "age", "moved")}
        | {"genres_per_answer": side.genres_per_answer, "tail_share": side.tail_share}
        for name, side in (("before", change.before), ("after", change.after))
    }
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "request_count": change.request_count,
        "changed_count": change.changed_count,
        "changed_share": change.changed_count / max(change.request_count, 1),
        **sides,
        "volume": asdict(found.volume) if found.volume else None,
        "examples": [asdict(example) for example in change.examples],
        "titles": found.titles,
    }
