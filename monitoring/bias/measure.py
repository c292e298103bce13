"""One run of the bias figures: replay, measure, compare with the last report, write, and refuse what says nothing."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from core.algorithms.next_video.bundle import Bundle
from core.contracts import exports
from core.errors import StageError
from core.logs import progress
from core.settings import Settings
from core.storage import write_text
from monitoring.bias.exposure import exposure
from monitoring.bias.figures import KIND, BiasReport, Figure, divided, latest_report, require_meaning
from monitoring.bias.measured import Measured
from monitoring.bias.observed import Observed, observe, read_content
from monitoring.bias.page import bias_page
from monitoring.bias.popularity import popularity
from monitoring.bias.public_value import public_value
from monitoring.bias.recency import recency
from monitoring.bias.resampling import Resampling
from monitoring.bias.texts import WORDS
from monitoring.model_cards.champion import champion
from monitoring.replay import Answer, replay

SEED = 20240501
NEEDED = (exports.DIM_CONTENT, exports.FEAT_CONTENT_COUNTS, exports.FCT_CONTENT_DAYS, exports.FCT_PLAYBACKS)


def measure(settings: Settings, as_of: datetime) -> BiasReport:
    """Measure and write ``report.json`` and ``report[.de|.en].html``.

    Raises:
        StageError: no champion, no exports, or no figure at all (the report is written first). Single figures that
            are empty or constant are stated as errors in the report and on the card.
    """
    found = champion(settings)
    if found is None:
        raise StageError("bias: there is no champion yet; train and promote a model first")
    for model in NEEDED:
        if not settings.paths.export(model).exists():
            raise StageError(f"bias: the export {model} is missing; build the marts first")
    answers = replay(settings, Bundle.load(found.bundle), as_of)
    observed = observe(read_content(settings, as_of), answers)
    last = latest_report(settings.paths, as_of)
    figures = tuple(worded(each, last) for each in measures(observed))
    report = _report(as_of, found.version, answers, figures)
    folder = settings.paths.report(KIND, as_of)
    write_text(folder / "report.json", report.to_json())
    for language in ("de", "en"):
        write_text(folder / f"report.{language}.html", bias_page(report, language))
    write_text(folder / "report.html", bias_page(report, "de"))
    for error in report.errors:
        progress(f"bias: error: {error.key} is {error.reason_en} and not shown as a figure")
    require_meaning(report, folder / "report.json")
    return report


def measures(observed: Observed) -> list[Measured]:
    """All measures of one set of recommendations."""
    if not observed.items:
        return []
    resampling = Resampling.of(len(observed.items), SEED)
    return [
        *recency(observed, resampling, SEED),
        *popularity(observed, resampling),
        *exposure(observed, resampling),
        *public_value(observed, resampling),
    ]


def worded(measured: Measured, last: BiasReport | None) -> Figure:
    """Give a measure its words and the last report's value."""
    words = WORDS[measured.key]
    previous = next((each.value for each in last.figures if each.key == measured.key), None) if last else None
    return Figure(
        key=measured.key,
        topic=words.topic,
        requirement="NV-M1",
        value=measured.estimate.value,
        low=measured.estimate.low,
        high=measured.estimate.high,
        unit=words.unit,
        label_de=words.label_de,
        label_en=words.label_en,
        text_de=words.text_de.format(**measured.named),
        text_en=words.text_en.format(**measured.named),
        previous=previous,
        chart=measured.chart,
        x_label_de=words.x_label_de,
        x_label_en=words.x_label_en,
        y_label_de=words.y_label_de,
        y_label_en=words.y_label_en,
        series=measured.series,
    )


def _report(as_of: datetime, version: str, answers: Sequence[Answer], figures: tuple[Figure, ...]) -> BiasReport:
    cases = Counter(answer.case for answer in answers)
    sound, errors = divided(figures)
    hidden = Counter(answer.reason for answer in answers if answer.case == "hidden" and answer.reason)
    return BiasReport(
        as_of=as_of.astimezone(UTC),
        model_version=version,
        source="replay",
        request_count=len(answers),
        answered_count=cases["regular"],
        hidden=dict(sorted(hidden.items())),
        figures=sound,
        errors=errors,
    )
