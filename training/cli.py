"""``mediathek train``, ``mediathek promote`` and ``mediathek next-video evaluate``."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

next_video = typer.Typer(no_args_is_help=True, help="Next-Video's models.")

AsOf = Annotated[str | None, typer.Option("--as-of", help="Time of the run, RFC 3339 with zone; default: the clock.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")]


def features(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Publish the device features of the last build to Feast."""
    from training.datasets.features import publish

    _run(publish, as_of, as_json, lambda report: f"{report['devices']} devices published")


def train(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Train a model per device class on the last build, evaluate, log and register it; does not serve it yet."""
    from training.next_video.run import train as train_models

    _run(train_models, as_of, as_json, _train_lines)


def promote(
    version: Annotated[str | None, typer.Option(help="Version to promote; default: the newest.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Put a version through the gates; if it passes all of them, it becomes the champion and is served."""
    from training.gates import promote as pass_gates
    from training.runs import newest_version

    def run(settings: Any, time: Any) -> Any:
        return pass_gates(settings, version or newest_version(settings), time)

    _run(run, as_of, as_json, _gate_lines)


@next_video.command("evaluate")
def evaluate(
    interactions: Annotated[Path, typer.Option(help="CSV with the header user,item,timestamp (epoch seconds).")],
    protocol: Annotated[str, typer.Option(help="leave-one-out or global-time.")] = "leave-one-out",
    time_budget: Annotated[float | None, typer.Option(min=0.1, help="Minutes; learning stops in time.")] = None,
    device_class: Annotated[str | None, typer.Option(help="Named in the report; the CSV has no classes.")] = None,
    serving_shares: Annotated[
        bool, typer.Option("--serving-shares", help="Combine with the shares that serve, not with validation's best.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train and score on a CSV: full ranking over all items, rated items removed, against baselines."""
    from core.domain import DEVICE_CLASSES
    from core.errors import UserError
    from core.settings import apply_no_telemetry, load

    if device_class is not None and device_class not in DEVICE_CLASSES:
        raise UserError(f"device-class: '{device_class}' is unknown; use one of {', '.join(DEVICE_CLASSES)}")
    apply_no_telemetry()
    from training.next_video.config import TrainingConfig
    from training.next_video.protocol import evaluate_file

    report = evaluate_file(
        load(),
        interactions,
        protocol,  # type: ignore[arg-type]
        time_budget,
        TrainingConfig(),
        has_chosen_shares=not serving_shares,
    )
    if device_class is not None:
        report["device_class"] = device_class
    typer.echo(json.dumps(report) if as_json else _figure_lines(report))


def _run(stage: Any, as_of: str | None, as_json: bool, lines: Any) -> None:
    from core import clock
    from core.json_form import json_form
    from core.settings import apply_no_telemetry, load

    time = clock.parse_instant(as_of, "as-of") if as_of else clock.now()
    apply_no_telemetry()
    report = json_form(stage(load(), time))
    typer.echo(json.dumps(report) if as_json else lines(report))


def _train_lines(report: dict[str, Any]) -> str:
    head = f"version {report['version']}" + ("" if report["is_new"] else " (made from this input before)")
    figures = [
        f"  {model:<11} {contender:<12} NDCG@10 {values['ndcg_at_10']:.4f}  Recall@10 {values['recall_at_10']:.4f}"
        for model, contenders in report["metrics"].items()
        for contender, values in contenders.items()
    ]
    return "\n".join([head, *figures])


def _gate_lines(report: dict[str, Any]) -> str:
    lines = [
        f"  {'passed' if gate['is_passed'] else 'FAILED'}  {gate['name']}: {gate['reading']}"
        for gate in report["gates"]
    ]
    verdict = "is the champion" if report["is_promoted"] else "was not promoted; the champion stays"
    return "\n".join([f"version {report['version']} {verdict}", *lines])


def _figure_lines(report: dict[str, Any]) -> str:
    rows = {"this platform": report, **report["baselines"]}
    return "\n".join(
        f"{name:<14} NDCG@10 {row['ndcg_at_10']:.4f}  Recall@10 {row['recall_at_10']:.4f}  "
        f"MRR {row['mrr']:.4f}  coverage@10 {row['coverage_at_10']:.3f}"
        for name, row in rows.items()
    )
