"""Group members of confluent-kafka (librdkafka), one thread each; see host.ts for what it reads and prints."""
import sys
import threading
import time
from confluent_kafka import Consumer, KafkaException, TopicPartition

BOOTSTRAP = sys.argv[1]
LOCK = threading.Lock()


def say(member, *words):
    with LOCK:
        print(int(time.time() * 1000), member, *words, flush=True)


def names(partitions):
    return ",".join(f"{p.topic}:{p.partition}" for p in partitions)


def run(name, group, topic, options, stopped):
    settings = {
        "bootstrap.servers": BOOTSTRAP,
        "group.id": group,
        "client.id": name,
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "fetch.wait.max.ms": 100,
        "topic.metadata.refresh.interval.ms": 1000,
        "reconnect.backoff.max.ms": 500,
    }
    if options.get("group.protocol") != "consumer":
        settings |= {"session.timeout.ms": 8000, "heartbeat.interval.ms": 200}
    consumer = Consumer(settings | options, logger=None)
    consumer.subscribe(
        [topic],
        on_assign=lambda _, partitions: say(name, "assigned", names(partitions)),
        on_revoke=lambda _, partitions: say(name, "revoked", names(partitions)),
        on_lost=lambda _, partitions: say(name, "lost", names(partitions)),
    )
    while not stopped.is_set():
        offsets = {}
        for message in consumer.consume(50, 0.1):
            if message.error():
                say(name, "failed", message.error().name())
                continue
            key = (message.topic(), message.partition())
            say(name, "record", f"{key[0]}:{key[1]}", message.offset(), message.value().decode())
            offsets[key] = message.offset() + 1
        if not offsets:
            continue
        try:
            done = consumer.commit(
                offsets=[TopicPartition(t, p, o) for (t, p), o in offsets.items()], asynchronous=False
            )
        except KafkaException as error:
            say(name, "failed", error.args[0].name())
            continue
        for partition in done:
            if partition.error:
                say(name, "failed", partition.error.name())
            else:
                say(name, "committed", f"{partition.topic}:{partition.partition}={partition.offset}")
    consumer.close()
    say(name, "closed")


members = {}
for line in sys.stdin:
    command, member, *rest = line.split()
    if command == "start":
        stop = threading.Event()
        chosen = dict(pair.split("=", 1) for pair in rest[2:])
        thread = threading.Thread(target=run, args=(member, rest[0], rest[1], chosen, stop))
        members[member] = (thread, stop)
        thread.start()
    else:
        members[member][1].set()
for thread, stop in members.values():
    stop.set()
    thread.join()
