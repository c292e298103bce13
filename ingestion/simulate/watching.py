"""A session as it shows in the log: clicks, progress reports, breaks, recommendations, bookmarks, pages."""

import random
from dataclasses import dataclass, field

from ingestion.simulate.campaigns import SPOT_IDS
from ingestion.simulate.catalogue import Catalogue
from ingestion.simulate.choosing import Chooser
from ingestion.simulate.content import Content
from ingestion.simulate.lines import Lines, Sender
from ingestion.simulate.persons import Person
from ingestion.simulate.scenario import DAY_MS, HOUR_MS
from ingestion.simulate.transport import Transport
from ingestion.simulate.whereabouts import Session

ARMS = {"control": 0.20, "treatment": 0.30}
"""Chance that somebody follows a recommendation, by the arm of the simulated experiment."""
SHOWN = 0.45
"""Share of finished videos after which next videos are shown."""


@dataclass
class Watching:
    """Plays sessions into the transport."""

    catalogue: Catalogue
    chooser: Chooser
    lines: Lines
    transport: Transport
    stream: random.Random
    persons: list[Person]
    visit_days: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    """Days on which a device of one household sent from another, for the truth."""

    def play(self, session: Session) -> None:
        """Let a person watch until they stop."""
        person, device = session.person, session.device
        who = Sender(device, self.persons[device.owner], session.place)
        at_ms = max(session.at_ms, device.busy_until_ms + 60_000)
        hour = at_ms // HOUR_MS % 24 + 1
        index = self.chooser.opening(person, at_ms, 0.3 if hour in (6, 7, 8, 19, 20, 22) else 0.08)
        is_recommended = False
        while index is not None:
            content = self.catalogue.contents[index]
            if not content.is_available(at_ms):
                break
            at_ms = self._click(who, at_ms, content, is_recommended)
            at_ms, share = self._playback(who, at_ms, content)
            self._remember(person, index, content, share)
            self._aside(who, person, at_ms, content, share)
            if self.stream.random() > (0.74 if share > 0.35 else 0.62):
                break
            index, is_recommended = self._next(who, person, index, at_ms, share)
            at_ms += self.stream.randrange(4_000, 60_000)
        device.busy_until_ms = at_ms
        if session.place.is_household and session.place is not device.home:
            first, second = sorted((device.home.place_id, session.place.place_id))
            self.visit_days.setdefault((first, second), set()).add(session.at_ms // DAY_MS)

    def _send(self, who: Sender, at_ms: int, line: str) -> None:
        self.transport.send(at_ms, who.device.number, line)

    def _click(self, who: Sender, at_ms: int, content: Content, is_recommended: bool) -> int:
        if is_recommended or self.stream.random() < 0.6:
            page = "next-video" if is_recommended else self.stream.choice(("/start", "/suche", "/rubrik", "/merkliste"))
            self._send(who, at_ms, self.lines.click(who, at_ms, content.content_id, page))
        return at_ms + self.stream.randrange(800, 6_000)

    def _playback(self, who: Sender, at_ms: int, content: Content) -> tuple[int, float]:
        """Report progress every few minutes and at the end; return the end and the share really played."""
        chance, draw = self.stream.random(), self.stream.random
        share = draw() * 0.2 if chance < 0.24 else draw() * 0.7 + 0.15 if chance < 0.42 else 0.86 + draw() * 0.14
        if content.duration_s < 900:
            share = min(1.0, share * 1.15)
        watched = max(2.0, share * content.duration_s)
        jumped = 0.0
        every = 300.0 if content.duration_s < 2400 else 900.0
        jumps_at = draw() * watched if draw() < 0.15 else -1.0
        jump = (draw() - 0.3) * 0.5 * content.duration_s
        playback_id = self.lines.next_id("p")
        has_breaks = content.genre in ("show", "sport", "fiction") and watched > 900 and draw() < 0.3
        played, paused_ms = 0.0, 0
        while played < watched:
            played = min(played + every, watched)
            if 0 <= jumps_at < played:
                jumped, jumps_at = jump, -1.0
            position = min(max(played + jumped, 0.0), float(content.duration_s))
            now_ms = at_ms + int(played * 1000) + paused_ms
            line = self.lines.view(
                who, now_ms, content.content_id, playback_id, played, position, content.duration_s, content.path
            )
            self._send(who, now_ms, line)
            if has_breaks and 0.3 * watched < played < watched:
                paused_ms += self._break(who, now_ms, content)
                has_breaks = False
        return at_ms + int(watched * 1000) + paused_ms, watched / content.duration_s

    def _break(self, who: Sender, at_ms: int, content: Content) -> int:
        """Play three spots; in every seventh break one spot three times, which HH-11 is about. Return its length."""
        break_id = self.lines.next_id("b")
        spots = self.stream.sample(SPOT_IDS, 3)
        if self.stream.random() < 0.15:
            spots = [spots[0]] * 3
        for place, spot_id in enumerate(spots):
            spot_at = at_ms + 1_000 + place * 25_000
            self._send(who, spot_at, self.lines.ad(who, spot_at, content.content_id, spot_id, break_id))
        return 76_000

    def _remember(self, person: Person, index: int, content: Content, share: float) -> None:
        if share > 0.35:
            person.last = index
            person.seen.add(index)
        if content.series_id and share > 0.6:
            if content.successor is not None:
                person.going_on[content.series_id] = content.successor
            else:
                person.going_on.pop(content.series_id, None)

    def _aside(self, who: Sender, person: Person, at_ms: int, content: Content, share: float) -> None:
        """Bookmarks, and pages read beside watching."""
        chance = self.stream.random()
        if content.series_id and share > 0.6 and chance < 0.06:
            self._send(who, at_ms, self.lines.bookmark(who, at_ms, content.series_id, chance < 0.01))
        pages = self.catalogue.pages_of_theme.get(content.theme.name)
        if pages and chance > 0.93 and who.device.device_class != "tv":
            page = self.catalogue.contents[self.stream.choice(pages)]
            if page.is_available(at_ms):
                self._send(who, at_ms + 900, self.lines.click(who, at_ms + 900, page.content_id, page.path))

    def _next(self, who: Sender, person: Person, index: int, at_ms: int, share: float) -> tuple[int | None, bool]:
        """Show recommendations now and then, and go on: by one of them or by oneself."""
        content = self.catalogue.contents[index]
        if share > 0.6 and self.stream.random() < SHOWN:
            items = self._shown(person, content, at_ms)
            if items:
                arm = "treatment" if who.device.number * 2_654_435_761 % 2**32 > 2**31 else "control"
                ids = [self.catalogue.contents[item].content_id for item in items]
                self._send(
                    who, at_ms, self.lines.recommendation(who, at_ms, content.content_id, arm, ids, content.path)
                )
                if self.stream.random() < ARMS[arm]:
                    return items[0], True
        return self.chooser.following(person, index, at_ms), False

    def _shown(self, person: Person, content: Content, at_ms: int) -> list[int]:
        items: dict[int, None] = {}
        for mood in (person.mood, 0, 1, 2):
            partner = self.chooser.partner(content, mood, at_ms)
            if partner is not None:
                items[partner] = None
        return list(items)
