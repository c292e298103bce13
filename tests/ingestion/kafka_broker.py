"""A real Kafka broker for tests: one KRaft node from Apache's jars (`make kafka`), on loopback, gone when the tests are."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import guard
from core.paths import PROJECT_ROOT

JARS = PROJECT_ROOT / ".cache" / "kafka"
_FETCH_SECONDS = 240
_READY_SECONDS = 60
_GRACE_SECONDS = 5
_JAVA = (
    "java", "-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
    "-Djava.net.preferIPv4Stack=true",
)  # fmt: skip
_PROPERTIES_FILE = "server.properties"
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=BROKER://127.0.0.1:{port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs={folder}/data
auto.create.topics.enable=false
log.retention.ms=-1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
offsets.topic.num.partitions=1
log.cleaner.dedupe.buffer.size=2000000
file.delete.delay.ms=100
"""


class BrokerMissingError(Exception):
    """Why there is no broker here."""


@dataclass
class Broker:
    """A running broker and what tests do with it."""

    bootstrap: str
    process: "subprocess.Popen[bytes]"  # the guard, with Java below it
    folder: Path
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        from confluent_kafka.admin import AdminClient

        self._admin: Any = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})

    def new_topic(self, partitions: int = 1, name: str | None = None, **config: str) -> str:
        """Create a topic, by default under a name of its own; it can be written to when this returns."""
        from confluent_kafka.admin import NewTopic

        name = name or f"events-{next(self._numbers)}"
        self._admin.create_topics([NewTopic(name, partitions, 1, config=config)])[name].result(20)
        self._until(lambda: name in self._admin.list_topics(timeout=10).topics)
        return name

    def delete_topic(self, name: str) -> None:
        self._admin.delete_topics([name])[name].result(20)
        self._until(lambda: name not in self._admin.list_topics(timeout=10).topics)

    def grow(self, topic: str, partitions: int) -> None:
        """Add partitions to a topic."""
        from confluent_kafka.admin import NewPartitions

        self._admin.create_partitions([NewPartitions(topic, partitions)])[topic].result(20)
        self._until(lambda: len(self._admin.list_topics(topic, timeout=10).topics[topic].partitions) == partitions)

    def delete_before(self, topic: str, offset: int, partition: int = 0) -> None:
        """What retention does: the messages before an offset are no more."""
        from confluent_kafka import TopicPartition

        place = TopicPartition(topic, partition, offset)
        self._admin.delete_records([place])[place].result(20)

    def send(self, topic: str, values: Iterable[bytes | str | None], partition: int = 0, **config: Any) -> None:
        """Send messages in their order by a plain producer, and wait until the broker has them."""
        from confluent_kafka import Producer

        producer: Any = Producer({"bootstrap.servers": self.bootstrap, "acks": "all", "log_level": 0} | config)
        failures: list[str] = []

        def note(error: Any, _: Any) -> None:
            if error is not None:
                failures.append(str(error))

        for value in values:
            producer.produce(topic, value, partition=partition, on_delivery=note)
            producer.poll(0)
        assert producer.flush(30) == 0
        assert failures == []

    def send_in_transaction(self, topic: str, values: Iterable[str], is_aborted: bool) -> None:
        from confluent_kafka import Producer

        producer: Any = Producer(
            {"bootstrap.servers": self.bootstrap, "transactional.id": f"t-{topic}", "log_level": 0}
        )
        producer.init_transactions(30)
        producer.begin_transaction()
        for value in values:
            producer.produce(topic, value, partition=0)
        producer.flush(30)
        (producer.abort_transaction if is_aborted else producer.commit_transaction)(30)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """The broker's connections stay open, but nothing is answered."""
        processes = guard.descendants(self.process.pid)
        assert processes
        try:
            for process in processes:
                os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    def crash(self) -> None:
        """``kill -9``: what was not written is lost, and so is every connection."""
        for process in guard.descendants(self.process.pid):
            os.kill(process, signal.SIGKILL)
        self.process.wait(_GRACE_SECONDS + 5)

    def start_again(self) -> None:
        """Over the same data, under the same address."""
        self.process = _start(self.folder)
        _wait_until_ready(self)

    @staticmethod
    def _until(is_so: Any, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, "the broker did not follow"
            time.sleep(0.02)


@contextmanager
def running() -> Iterator[Broker]:
    """Start a broker, wait until it answers, and end it however the tests end (also by ``kill -9``)."""
    _fetch_jars()
    folder = Path(tempfile.mkdtemp(prefix="mediathek-kafka-"))
    broker: Broker | None = None
    try:
        port, controller = _free_ports()
        properties = folder / _PROPERTIES_FILE
        properties.write_text(_PROPERTIES.format(port=port, controller=controller, folder=folder))
        _java(folder, "kafka.tools.StorageTool", "format", "-t", "bWVkaWF0aGVrLXRlc3RzLQ", "-c", str(properties))
        broker = Broker(f"127.0.0.1:{port}", _start(folder), folder)
        _wait_until_ready(broker)
        yield broker
    finally:
        if broker is not None:
            _end(broker.process)
        shutil.rmtree(folder, ignore_errors=True)


def _fetch_jars() -> None:
    if shutil.which("java") is None:
        raise BrokerMissingError("there is no java (apt-get install openjdk-17-jre-headless)")
    if (JARS / ".complete").exists():
        return
    if shutil.which("mvn") is None or shutil.which("make") is None:
        raise BrokerMissingError("Kafka's jars are not in .cache/kafka, and there is no Maven for `make kafka`")
    done = subprocess.run(
        ["make", "kafka"], cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=_FETCH_SECONDS, check=False
    )
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise BrokerMissingError(f"`make kafka` failed: {' '.join(last)}")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _command(main: str, *arguments: str) -> list[str]:
    return [*_JAVA, "-cp", f"{JARS}/*", main, *arguments]


def _java(folder: Path, main: str, *arguments: str) -> None:
    done = subprocess.run(
        _command(main, *arguments), cwd=folder, capture_output=True, text=True, timeout=_READY_SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """Under the project's guard: the broker ends with this process even if that is killed."""
    guarded = [sys.executable, "-S", str(PROJECT_ROOT / "guard.py"), str(os.getpid()), str(_GRACE_SECONDS)]
    with (folder / "broker.log").open("ab") as log:
        return subprocess.Popen(
            guarded + _command("kafka.Kafka", str(folder / _PROPERTIES_FILE)),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_until_ready(broker: Broker) -> None:
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    log = broker.folder / "broker.log"
    admin: Any = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200})
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end:
        assert broker.process.poll() is None, log.read_text()
        with suppress(KafkaException):
            if admin.list_topics(timeout=1).brokers:
                return
    raise AssertionError(f"the broker is not ready after {_READY_SECONDS} s: {log.read_text()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_SECONDS + 5)
    except subprocess.TimeoutExpired:
        guard.end_descendants(process.pid, 0)
        process.kill()
        process.wait()
