"""From Kafka into the lake (LOG-2). Offsets live in the ledger with the data's commit; Kafka is only told of them.

They are kept under the topic's identity: a topic made anew under an old name is noticed and read from its start, and
what was taken from the old one is recognised by ``event_id``.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa

from core.settings import Settings
from ingestion.batch import Ingestion, ingestion
from ingestion.kafka_topic import Topic, place_name
from ingestion.landing import CHUNK_BYTES
from ingestion.ledger import TopicPosition
from ingestion.lines import MAX_LINE_BYTES
from ingestion.records import RefusedError
from ingestion.report import IngestReport

_log = logging.getLogger("mediathek")
_NOT_UTF8 = RefusedError("not_json", None, "the message is no UTF-8 text")
_TOO_LONG = RefusedError("line_too_long", None, "the message is longer than 1 MiB")
FOLLOW_LOOK_SECONDS = 5.0


def ingest_topic(settings: Settings, bootstrap: str, topic: str, as_of: datetime) -> IngestReport:
    """Take in what a topic holds now, from where the last commit ended.

    Raises:
        UserError: no broker answers, or there is no such topic.
        StageError: another ingestion runs, the topic was cut, or the disk is full.
    """
    report = IngestReport()
    with ingestion(settings, as_of, report) as under_way, Topic(bootstrap, topic) as opened:
        reader = _Reader(under_way, opened)
        reader.start()
        while not opened.is_at_end:
            reader.take_some()
        reader.commit()
    return report


def follow_topic(
    settings: Settings,
    bootstrap: str,
    topic: str,
    clock: Callable[[], datetime],
    is_stopped: Callable[[], bool],
) -> IngestReport:
    """Take in what comes, until ``is_stopped``; news is committed at once unless ``follow_seconds`` are not over yet.

    Every ``FOLLOW_LOOK_SECONDS`` the topic is looked at: it may have been made anew, or have grown.
    """
    report = IngestReport()
    with ingestion(settings, clock(), report) as under_way, Topic(bootstrap, topic, follow=True) as opened:
        reader = _Reader(under_way, opened)
        reader.start()
        committed_at, looked_at = None, clock()
        while not is_stopped():
            now = clock()
            under_way.set_time(now)
            reader.take_some()
            if reader.has_news and _is_long_ago(committed_at, now, settings.ingestion.follow_seconds):
                reader.commit()
                committed_at = now
            if _is_long_ago(looked_at, now, FOLLOW_LOOK_SECONDS):
                reader.go_on_if_changed()
                looked_at = now
        reader.commit()
    return report


def _is_long_ago(then: datetime | None, now: datetime, seconds: float) -> bool:
    """Also if the clock was put back since."""
    return then is None or abs((now - then).total_seconds()) >= seconds


class _Reader:
    """Gathers messages into portions and keeps account of the offsets."""

    def __init__(self, under_way: Ingestion, topic: Topic) -> None:
        self._under_way = under_way
        self._topic = topic
        self._offsets: dict[str, int] = {}  # read since the last commit, which has none where there is no news
        self._texts: list[str] = []
        self._places: list[tuple[str, int]] = []
        self._byte_count = 0

    def start(self) -> None:
        known = self._under_way.state.topics.get(self._topic.name)
        stored = known.offsets if known is not None and known.topic_id == self._topic.topic_id else {}
        if known is not None and not stored and known.topic_id != self._topic.topic_id:
            self._note(f"topic {self._topic.name} was made anew; it is read from its start")
        for note in self._topic.assign(stored):
            self._note(note)
        self._offsets = {}

    def _note(self, text: str) -> None:
        _log.warning("kafka: %s", text)
        self._under_way.report.notes.append(text)

    @property
    def has_news(self) -> bool:
        """Something was read since the last commit."""
        return bool(self._offsets)

    def take_some(self) -> None:
        for message in self._topic.messages():
            self._add(message)
        if self._byte_count >= min(CHUNK_BYTES, self._under_way.batch_bytes):
            self._flush()
            if self._under_way.is_full:
                self._under_way.start_commit()
                self._offsets = {}

    def _add(self, message: Any) -> None:
        partition, offset, value = message.partition(), message.offset(), message.value()
        self._offsets[str(partition)] = offset + 1
        place = (place_name(self._topic.name, partition), offset)
        if not value:
            return
        if len(value) > MAX_LINE_BYTES:
            self._under_way.refuse("events", place, value[:MAX_LINE_BYTES], _TOO_LONG)
            return
        self._byte_count += len(value)
        try:
            self._texts.append(value.decode("utf-8"))
        except UnicodeDecodeError:
            self._under_way.refuse("events", place, value, _NOT_UTF8)
            return
        self._places.append(place)

    def _flush(self) -> None:
        """Hand the messages gathered over, and note how far the topic is read with them."""
        places, texts, size = self._places, self._texts, self._byte_count
        self._places, self._texts, self._byte_count = [], [], 0
        if texts:
            rows = pa.array(range(len(texts)), pa.int64())
            lines = pa.table({"line": pa.array(texts, pa.large_string()), "seq": rows})
            self._under_way.take("events", lines, places.__getitem__, size)
        if self._offsets:
            position = TopicPosition(self._topic.topic_id, dict(self._offsets))
            self._under_way.topics[self._topic.name] = position

    def commit(self) -> None:
        """Commit what was read, under the identity of the topic it was read from."""
        self._flush()
        self._under_way.commit()
        if self._offsets:
            self._topic.tell(self._under_way.state.topics[self._topic.name].offsets)
        self._offsets = {}

    def go_on_if_changed(self) -> None:
        """While following: what is new is read from its start, be it the topic or a partition of it."""
        if self._topic.has_changed():
            self.commit()
            self._topic.reopen()
            self.start()
