"""Event lines, put together from prepared pieces of JSON: several times faster than serialising dicts."""

from dataclasses import dataclass, field

from ingestion.simulate.devices import Device, written
from ingestion.simulate.persons import Person
from ingestion.simulate.places import Place
from ingestion.simulate.scenario import DAY_MS, LOCAL_OFFSET_MS, rfc3339

_CLOCK = [f"T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}." for second in range(86_400)]
_CONSENT = {
    (personal, ads): f',"consent":{{"personalisation":{str(personal).lower()},"advertising":{str(ads).lower()}}}}}'
    for personal in (False, True)
    for ads in (False, True)
}
_NO_CONSENT_GIVEN = "}"
LOCAL_TIME_STYLE = 3
"""Sources of this style write local time with its offset, the others UTC."""


def at_text(at_ms: int, day_texts: dict[int, str], is_local: bool) -> str:
    """RFC 3339 with milliseconds and zone."""
    if is_local:
        at_ms += LOCAL_OFFSET_MS
    day, rest = divmod(at_ms, DAY_MS)
    date = day_texts.get(day)
    if date is None:
        date = day_texts[day] = rfc3339(day * DAY_MS)[:10]
    return f"{date}{_CLOCK[rest // 1000]}{rest % 1000:03d}{'+01:00' if is_local else 'Z'}"


@dataclass
class Lines:
    """Makes the lines of one simulation; ids count on, so that they never repeat."""

    seed: int
    sequence: int = 0
    day_texts: dict[int, str] = field(default_factory=dict)
    macs: dict[tuple[str, int], str] = field(default_factory=dict)
    ipv4_every: int = 0
    """Every so manieth event of a device that speaks both comes by IPv4 all the same; 0: none."""

    def next_id(self, letter: str) -> str:
        """Return a new unique id."""
        self.sequence += 1
        return f"{letter}{self.seed & 0xFFFF:04x}{self.sequence * 0x9E3779B1 % 2**32:08x}{self.sequence >> 20:x}"

    def click(self, who: "Sender", at_ms: int, content_id: str, page: str) -> str:
        """Return a click on a video or page."""
        return f'{self._head("click", who, at_ms)}"content_id":"{content_id}","page":"{page}"{who.consent(at_ms)}'

    def view(
        self, who: "Sender", at_ms: int, content_id: str, playback_id: str, watched_s: float, position_s: float,
        duration_s: int, page: str,
    ) -> str:  # fmt: skip
        """Return a progress report."""
        return (
            f'{self._head("view", who, at_ms)}"content_id":"{content_id}","playback_id":"{playback_id}",'
            f'"watched_s":{watched_s:.1f},"position_s":{position_s:.1f},"duration_s":{duration_s},"page":"{page}"'
            f"{who.consent(at_ms)}"
        )

    def bookmark(self, who: "Sender", at_ms: int, series_id: str, is_removed: bool) -> str:
        """Return a bookmark of a series, or its removal."""
        event = "unbookmark" if is_removed else "bookmark"
        return f'{self._head(event, who, at_ms)}"series_id":"{series_id}","page":"/merkliste"{who.consent(at_ms)}'

    def recommendation(self, who: "Sender", at_ms: int, content_id: str, arm: str, items: list[str], page: str) -> str:
        """Return what was shown as next videos to a current one."""
        shown = ",".join(f'"{item}"' for item in items)
        return (
            f'{self._head("recommendation", who, at_ms)}"content_id":"{content_id}","use_case":"next-video",'
            f'"arm":"{arm}","items":[{shown}],"page":"{page}"{who.consent(at_ms)}'
        )

    def ad(self, who: "Sender", at_ms: int, content_id: str, spot_id: str, break_id: str) -> str:
        """Return a spot played in a break."""
        return (
            f'{self._head("ad", who, at_ms)}"content_id":"{content_id}","spot_id":"{spot_id}",'
            f'"break_id":"{break_id}"{who.consent(at_ms)}'
        )

    def _head(self, event: str, who: "Sender", at_ms: int) -> str:
        device = who.device
        digits = device.mac_at(self.seed, who.place, at_ms)
        # a source writes its own notation, now and then a gateway another one
        style = device.style if self.sequence % 23 else (device.style + 1) % 4
        mac = self.macs.get((digits, style))
        if mac is None:
            mac = self.macs[digits, style] = written(digits, style)
        place = who.place
        is_by_ipv4 = self.ipv4_every and self.sequence % self.ipv4_every == 0
        if device.has_ipv6 and place.prefixes and not is_by_ipv4:
            ip = place.prefix_at(at_ms) + device.interface_at(at_ms)
        else:
            ip = place.address_at(at_ms)
        at = at_text(at_ms, self.day_texts, device.style == LOCAL_TIME_STYLE)
        return (
            f'{{"event_id":"{self.next_id("e")}","event":"{event}","at":"{at}","ip":"{ip}","mac":"{mac}",'
            f'"user":{device.user_json},"device_class":"{device.device_class}",'
        )


@dataclass(frozen=True)
class Sender:
    """Whose device sends from where; consent is the owner's."""

    device: Device
    owner: Person
    place: Place

    def consent(self, at_ms: int) -> str:
        """Return the end of the line: consent as given at the time; some who gave none send no field at all."""
        given = self.owner.consent_at(at_ms)
        if given == (False, False) and self.owner.number % 2:
            return _NO_CONSENT_GIVEN
        return _CONSENT[given]
