"""A read-out in plain words, German and English."""

from core.algorithms.experiments import Experiment
from monitoring.experiments.comparison import MIN_UNITS, Interval, SampleRatio

_GERMAN = {
    "blocked": "Keine Aussage: die Geräte verteilen sich nicht so auf die Arme, wie der Test es vorsieht ({counts} "
    "statt {expected}; p = {p}). Erst den Fehler finden, dann neu beginnen.",
    "too_few": "Noch keine Aussage: mindestens {min_units} Geräte je Arm sind nötig, bisher sind es {counts}.",
    "running": "Der Test läuft bis {end}. Zwischenstand ohne Entscheidung: Sehvolumen je Gerät in „{arm}“ {change} "
    "gegenüber „{control}“ (95-%-Bereich {low} bis {high}). Wer vor dem Ende entscheidet, irrt öfter als in 5 %.",
    "better": "„{arm}“ bringt mehr Sehvolumen je Gerät als „{control}“: {change} (95-%-Bereich {low} bis {high}).",
    "worse": "„{arm}“ bringt weniger Sehvolumen je Gerät als „{control}“: {change} (95-%-Bereich {low} bis {high}).",
    "no_difference": "Kein Unterschied im Sehvolumen je Gerät nachweisbar: {change} (95-%-Bereich {low} bis {high}).",
}
_ENGLISH = {
    "blocked": "No verdict: devices are not spread over the arms as the test demands ({counts} instead of {expected}; "
    "p = {p}). Find the fault first, then start anew.",
    "too_few": "No verdict yet: at least {min_units} devices an arm are needed, so far there are {counts}.",
    "running": "The test runs until {end}. Interim figures, no decision: viewing volume a device in “{arm}” {change} "
    "against “{control}” (95 % interval {low} to {high}). Deciding before the end is wrong more often than in 5 %.",
    "better": "“{arm}” brings more viewing volume a device than “{control}”: {change} (95 % interval {low} to {high}).",
    "worse": "“{arm}” brings less viewing volume a device than “{control}”: {change} (95 % interval {low} to {high}).",
    "no_difference": "No difference in viewing volume a device can be shown: {change} (95 % interval {low} to {high}).",
}


def verdict(experiment: Experiment, status: str, relative: Interval, ratio: SampleRatio) -> tuple[str, str]:
    """The words of a status, German and English."""
    values = {
        "arm": experiment.arms[1].name,
        "control": experiment.control.name,
        "end": experiment.end.strftime("%Y-%m-%d"),
        "counts": " / ".join(str(count) for count in ratio.observed),
        "expected": " / ".join(f"{count:.0f}" for count in ratio.expected),
        "p": f"{ratio.p_value:.1g}" if ratio.p_value is not None else "–",
        "min_units": str(MIN_UNITS),
        "change": _percent(relative.value),
        "low": _percent(relative.low),
        "high": _percent(relative.high),
    }
    comma = values | {name: values[name].replace(".", ",") for name in ("change", "low", "high", "p")}
    return _GERMAN[status].format(**comma), _ENGLISH[status].format(**values)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:+.1f} %".replace("-", "\u2212")
