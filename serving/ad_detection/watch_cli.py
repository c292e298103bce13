"""``mediathek ad-detection watch``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.contracts.ad_detection import VerdictLine
    from core.settings import Settings


def watch(
    source: Annotated[str, typer.Argument(help="A stream's address, - for a pipe, or a file.")],
    name: Annotated[str, typer.Option("--station", help="Its name: a-z, 0-9 and -.")],
    look_ahead: Annotated[float, typer.Option(help="Seconds of the player's buffer, 4 to 30.")] = 4.0,
    keep_hours: Annotated[float, typer.Option(min=0, help="Keep the sound on this machine so long; 0: never.")] = 0.0,
    at: Annotated[str | None, typer.Option(help="A file: when it was on air, RFC 3339; else it plays now.")] = None,
    mac: Annotated[str | None, typer.Option(help="Set that shows it: counts for its household's caps.")] = None,
    device_class: Annotated[str, typer.Option(help="Of that set: tv, smartphone, tablet or desktop.")] = "tv",
    advertising_consent: Annotated[
        bool, typer.Option("--advertising-consent", help="Its viewers agreed to advertising; --mac needs it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each verdict as a line of JSON.")] = False,
) -> None:
    """Follow a station for good: verdicts into the log that the pages show, spots into the airplay log; no sound."""
    from threadpoolctl import threadpool_limits

    from core import clock
    from core.algorithms.audio.detector_bundle import served
    from core.contracts.ad_detection import served_detector
    from core.errors import UserError
    from core.settings import load
    from serving.ad_detection.sound_clock import ArrivalClock, RecordingClock
    from serving.ad_detection.sound_source import SoundSource
    from serving.ad_detection.watch import Watch, WatchOptions

    settings = load()
    began_at = clock.parse_instant(at, "at") if at else None
    sound = SoundSource(source, is_paced=began_at is None)
    if began_at is not None and (sound.is_stream or source == "-"):
        raise UserError("at: only a file was on air at another time; leave it out for a stream")
    viewer = _viewer(settings, mac, device_class, advertising_consent)
    options = WatchOptions(look_ahead, keep_hours, settings.retention.verdicts, viewer)
    threadpool_limits(1)  # the products are small: more threads only wait for each other
    bundle = served(served_detector(settings.paths))
    ticks = ArrivalClock() if began_at is None else RecordingClock(began_at)
    Watch(bundle, settings.paths, name, ticks, clock.now, options).run(sound, _told_as(as_json))


def _viewer(settings: "Settings", mac: str | None, device_class: str, has_consent: bool) -> Any:
    from core.domain import DEVICE_CLASSES
    from core.errors import UserError
    from core.privacy import device_mac, load_pseudonyms
    from serving.ad_detection.airplay import Viewer

    known = next((each for each in DEVICE_CLASSES if each == device_class), None)
    if known is None:
        raise UserError(f"device-class: '{device_class}' is none of {', '.join(DEVICE_CLASSES)}")
    if mac is None:
        return Viewer(None, known)
    if not has_consent:
        raise UserError("mac: a set is named in the airplay log only with --advertising-consent; leave one out")
    return Viewer(load_pseudonyms(settings.paths.keys).device_key(device_mac(mac)), known)


def _told_as(as_json: bool) -> Any:
    import json
    import sys

    def tell(line: "VerdictLine") -> None:
        spot = f"  {line['spot_id']}" if line["spot_id"] else ""
        text = f"{line['at'][:19].replace('T', ' ')}  {line['label']:<5} {line['confidence']:.2f}{spot}"
        sys.stdout.write((json.dumps(line) if as_json else text) + "\n")
        sys.stdout.flush()

    return tell
