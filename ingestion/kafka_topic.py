"""One topic: its identity, its partitions, and its messages from given offsets on.

Who reads it into a home is decided by the home's lock, not by Kafka's group protocol: partitions are assigned by hand.
The group ``GROUP`` is there for those who watch its lag; its offsets are never read.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from core.errors import StageError, UserError

GROUP = "mediathek-ingestion"
_TIMEOUT_SECONDS = 10.0
_LOOK_SECONDS = 3.0  # for a question in between, while following
_SILENCE_LIMIT = 60  # polls of a second without any news before a one-shot run gives up
_BATCH_MESSAGES = 5000
_PASSING = (KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE)
_log = logging.getLogger("mediathek.kafka")


def place_name(topic: str, partition: int) -> str:
    """How quarantine names a partition."""
    return f"kafka:{topic}/{partition}"


class Topic:
    """An open topic. In one-shot mode (not ``follow``) it ends at the offsets that were the end when it was opened."""

    def __init__(self, bootstrap: str, name: str, follow: bool = False) -> None:
        self.name = name
        self.follow = follow
        self._bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap}, logger=_log)
        self._open: set[int] = set()
        self._ends: dict[int, int] = {}
        self._silent_polls = 0
        self._has_lost_place = False
        self._now = self.topic_id, self._partitions = self._describe()
        self._consumer = self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def _connect(self) -> Any:
        return Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": GROUP,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed",
                "reconnect.backoff.ms": 1000,  # while the broker is away; each try is a line in the log
                "reconnect.backoff.max.ms": 4000,
            },
            logger=_log,
        )

    def _describe(self, seconds: float | None = None) -> tuple[str, list[int]]:
        seconds = seconds or _TIMEOUT_SECONDS
        futures = self._admin.describe_topics(TopicCollection([self.name]), request_timeout=seconds)
        try:
            description = futures[self.name].result()
        except KafkaException as error:
            raise self._no_topic(error.args[0]) from None
        return str(description.topic_id), sorted(partition.id for partition in description.partitions)

    def _no_topic(self, error: Any) -> UserError:
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return UserError(f"topic: {self._bootstrap} has no topic '{self.name}'; create it or check its name")
        if error.code() == KafkaError.TOPIC_EXCEPTION:
            return UserError(f"topic: '{self.name}' is no name for a topic; use letters, digits, '.', '_' and '-'")
        return UserError(f"kafka: no broker answers at {self._bootstrap} ({error.str()}); start it, or name another")

    def has_changed(self) -> bool:
        """Tell whether the topic must be opened again: made anew, grown, or the place in it was lost.

        While it cannot be asked (no answer, deleted and not there again yet), nothing has changed.
        """
        try:
            self._now = self._describe(_LOOK_SECONDS)
        except UserError:
            return False
        return self._now != (self.topic_id, self._partitions) or self._has_lost_place

    def reopen(self) -> None:
        """Take the topic as it was found to be; ``assign`` comes next."""
        self.topic_id, self._partitions = self._now
        self._has_lost_place = False
        self._consumer.close()
        self._consumer = self._connect()  # the old one still knows the old topic's partitions

    def assign(self, stored: Mapping[str, int]) -> list[str]:
        """Begin at the stored offsets, at the start where there is none. Returns what a person should know.

        Raises:
            StageError: a partition ends before what was read of it: it was cut, and its new messages would be missed.
        """
        notes, starts = [], []
        self._ends = {}
        for partition in self._partitions:
            low, high = self._watermarks(partition)
            next_offset = stored.get(str(partition), low)
            if next_offset > high:
                raise StageError(
                    f"kafka: {self.name}/{partition} ends at {high}, but was read up to {next_offset}: it was cut; "
                    "create the topic anew, then it is read from its start"
                )
            if next_offset < low:
                notes.append(
                    f"{self.name}/{partition}: {low - next_offset} messages were deleted before they were read"
                )
            starts.append(TopicPartition(self.name, partition, max(low, next_offset)))
            self._ends[partition] = high
        self._consumer.assign(starts)
        self._open = {start.partition for start in starts if start.offset < self._ends[start.partition]}
        return notes

    def tell(self, offsets: Mapping[str, int]) -> None:
        """Tell the broker how far the ledger is, without waiting; that it cannot be told is no failure."""
        places = [TopicPartition(self.name, int(partition), offset) for partition, offset in offsets.items()]
        try:
            if places:
                self._consumer.commit(offsets=places, asynchronous=True)
        except KafkaException as error:
            _log.info("kafka: the group %s was not told its offsets: %s", GROUP, error.args[0].str())

    def _watermarks(self, partition: int) -> tuple[int, int]:
        try:
            low, high = self._consumer.get_watermark_offsets(TopicPartition(self.name, partition), _TIMEOUT_SECONDS)
        except KafkaException as error:
            raise StageError(f"kafka: {self.name}/{partition}: {error.args[0].str()}; run again") from None
        return int(low), int(high)

    def value_at(self, partition: int, offset: int) -> bytes | None:
        """Return one message's value; None if it is not there any more."""
        low, high = self._watermarks(partition)
        if not low <= offset < high:
            return None
        self._consumer.assign([TopicPartition(self.name, partition, offset)])
        for message in self._consumer.consume(1, _TIMEOUT_SECONDS):
            if message.error() is None and message.offset() == offset:
                value: bytes | None = message.value()
                return value
        return None

    @property
    def is_at_end(self) -> bool:
        """One-shot mode: everything that was there at the start has been given out."""
        return not self._open

    def messages(self) -> Iterator[Any]:
        """Yield the messages that are there now; waits for them at most a second, while following a fifth."""
        polled = self._consumer.consume(_BATCH_MESSAGES, 0.2 if self.follow or self._silent_polls == 0 else 1.0)
        is_news = any(
            message.error() is None or message.error().code() == KafkaError._PARTITION_EOF for message in polled
        )
        self._silent_polls = 0 if is_news else self._silent_polls + 1
        if not self.follow and self._silent_polls >= _SILENCE_LIMIT:
            raise StageError(f"kafka: {self._bootstrap} has been silent for a minute; check the broker, then run again")
        for message in polled:
            error = message.error()
            if error is None:
                yield from self._within_end(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                self._open.discard(message.partition())
            elif error.fatal() or not error.retriable():
                self._raise_unless_following(error)

    def _within_end(self, message: Any) -> Iterable[Any]:
        partition, offset = message.partition(), message.offset()
        if not self.follow and offset >= self._ends[partition]:
            self._open.discard(partition)
            return []
        if offset + 1 >= self._ends[partition]:
            self._open.discard(partition)
        return [message]

    def _raise_unless_following(self, error: Any) -> None:
        """A broker that is away comes back; while following, the topic is looked at again when its place is lost."""
        if error.code() in _PASSING:
            return
        if not self.follow:
            raise StageError(f"kafka: {self.name}: {error.str()}; run again")
        self._has_lost_place = True


def read_at(bootstrap: str, topic: str, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Return the messages at (partition, offset) that are still there."""
    found: dict[tuple[int, int], bytes] = {}
    with Topic(bootstrap, topic) as opened:
        for partition, offset in sorted(places):
            if (value := opened.value_at(partition, offset)) is not None:
                found[partition, offset] = value
    return found
