"""The events of a simulation to a Kafka topic."""

from collections.abc import Iterable
from typing import Any

from core.errors import StageError, UserError
from ingestion.simulate.transport import Delivery

_REACH_SECONDS = 10.0
_FLUSH_SECONDS = 60.0


class EventTopic:
    """A producer for one topic: keyed by device, acknowledged by all replicas."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        """Connect.

        Raises:
            UserError: no broker answers at ``bootstrap``.
        """
        from confluent_kafka import KafkaException, Producer

        self._topic = topic
        self._where = f"topic {topic} at {bootstrap}"
        self._errors: list[str] = []
        self._producer: Any = Producer(
            {
                "bootstrap.servers": bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 20,
                "compression.type": "lz4", "message.timeout.ms": int(_FLUSH_SECONDS * 1000), "log_level": 2,
            }
        )  # fmt: skip
        try:
            self._producer.list_topics(timeout=_REACH_SECONDS)
        except KafkaException as error:
            raise UserError(
                f"kafka: no broker answers at {bootstrap} ({error.args[0].str()}); start one, or name another"
            ) from None

    def send(self, deliveries: Iterable[Delivery]) -> None:
        """Send lines in their order and wait until the broker has them.

        Raises:
            StageError: some were not acknowledged; how many, and why the first one was not.
        """
        count = 0
        for delivery in deliveries:
            count += 1
            self._produce(delivery)
        missing = self._producer.flush(_FLUSH_SECONDS)
        if missing or self._errors:
            why = self._errors[0] if self._errors else f"no answer within {_FLUSH_SECONDS:.0f} s"
            raise StageError(
                f"kafka: {missing + len(self._errors)} of {count} events did not reach {self._where}: {why}"
            )

    def _produce(self, delivery: Delivery) -> None:
        from confluent_kafka import KafkaException

        key, value = f"device-{delivery.device}".encode(), delivery.line.encode()
        while True:
            try:
                # Stamped by the clock: a broker deletes by this time, and of a month sent at once would keep a week.
                self._producer.produce(self._topic, value, key, on_delivery=self._note)
                self._producer.poll(0)
                return
            except BufferError:  # the queue is full: let some be acknowledged
                self._producer.poll(0.5)
            except KafkaException as error:  # refused before it was sent, e.g. too large
                self._errors.append(error.args[0].str())
                return

    def _note(self, error: Any, _: Any) -> None:
        if error is not None:
            self._errors.append(str(error))
