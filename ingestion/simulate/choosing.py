"""Which video comes next: series, moods that turn, taste, popularity. The structure that a model may learn."""

import random
from bisect import bisect

from ingestion.simulate.catalogue import Catalogue
from ingestion.simulate.content import Content
from ingestion.simulate.persons import Person
from ingestion.simulate.popularity import Popularity, attraction

MOOD_TURNS = 0.12
_PARTNER_WEIGHTS = (0.6, 0.88, 1.0)


class Chooser:
    """Chooses for everybody on one day; popularity is drawn anew every few hours by the caller."""

    def __init__(self, catalogue: Catalogue, stream: random.Random) -> None:
        self._catalogue = catalogue
        self._contents = catalogue.contents
        self._random = stream.random
        self._stream = stream
        self._news = next(m for m, theme in enumerate(catalogue.motif_themes) if theme.name == "news")
        self.popularity = Popularity(catalogue, 0)

    def opening(self, person: Person, at_ms: int, news_chance: float) -> int | None:
        """Return the video that a session begins with."""
        chance = self._random()
        if not person.is_kid and chance < news_chance:
            return self.popularity.draw(self._news, self._random())
        if person.going_on and self._random() < 0.45:
            series_id = self._stream.choice(list(person.going_on))
            index = person.going_on[series_id]
            if self._contents[index].is_available(at_ms):
                return index
            del person.going_on[series_id]
        if person.last is not None and self._random() < 0.4:
            return self.following(person, person.last, at_ms)
        return self._by_taste(person, at_ms)

    def following(self, person: Person, current: int, at_ms: int) -> int | None:
        """Return the video after another: the next episode, or where the mood leads."""
        content = self._contents[current]
        goes_on = content.successor is not None and self._random() < person.binge
        if goes_on and content.successor is not None and self._contents[content.successor].is_available(at_ms):
            return content.successor
        if self._random() < MOOD_TURNS:
            person.mood = self._stream.randrange(len(self._catalogue.next_motif))
        chance = self._random()
        if chance < 0.5:
            partner = self.partner(content, person.mood, at_ms)
            if partner is not None:
                return self._unseen(person, partner, at_ms)
        if chance < 0.82:
            motif = self._catalogue.next_motif[person.mood][content.motif]
        elif chance < 0.9:
            motif = content.motif
        else:
            return self._by_taste(person, at_ms)
        return self._in_motif(person, motif, at_ms)

    def partner(self, content: Content, mood: int, at_ms: int) -> int | None:
        """Return one of the videos that most go on to in a mood; old topical ones lose their pull."""
        if not content.partners or not content.partners[mood]:
            return None
        partners = content.partners[mood]
        index = partners[min(bisect(_PARTNER_WEIGHTS, self._random()), len(partners) - 1)]
        other = self._contents[index]
        if not other.is_available(at_ms) or self._random() > 0.35 + 0.65 * attraction(other, at_ms) / other.quality:
            return None
        return index

    def _by_taste(self, person: Person, at_ms: int) -> int | None:
        bounds = person.motif_bounds
        place = min(bisect(bounds, self._random() * bounds[-1]), len(bounds) - 1)
        return self._in_motif(person, person.motifs[place], at_ms)

    def _in_motif(self, person: Person, motif: int, at_ms: int) -> int | None:
        index = self.popularity.draw(motif, self._random())
        return None if index is None else self._unseen(person, index, at_ms, motif)

    def _unseen(self, person: Person, index: int, at_ms: int, motif: int | None = None) -> int | None:
        """Replace an episode by where the person stands in its series, and what was seen by another draw."""
        series_id = self._contents[index].series_id
        if series_id in person.going_on:
            index = person.going_on[series_id]
        if index in person.seen and motif is not None and self._random() < 0.85:
            again = self.popularity.draw(motif, self._random())
            index = index if again is None else again
        return index if self._contents[index].is_available(at_ms) else None
