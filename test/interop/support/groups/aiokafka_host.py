"""Group members of aiokafka, one task each; see host.ts for what it reads and prints."""
import asyncio
import sys
import time
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

BOOTSTRAP = sys.argv[1]
ASSIGNORS = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
}


def say(member, *words):
    print(int(time.time() * 1000), member, *words, flush=True)


class Listener(ConsumerRebalanceListener):
    def __init__(self, name):
        self.name = name

    def on_partitions_revoked(self, revoked):
        if revoked:
            say(self.name, "revoked", ",".join(f"{p.topic}:{p.partition}" for p in revoked))

    def on_partitions_assigned(self, assigned):
        say(self.name, "assigned", ",".join(f"{p.topic}:{p.partition}" for p in assigned))


async def run(name, group, topic, options, stopped):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=BOOTSTRAP,
        group_id=group,
        client_id=name,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        session_timeout_ms=8000,
        heartbeat_interval_ms=200,
        partition_assignment_strategy=[ASSIGNORS[options["assignor"]]],
    )
    listener = Listener(name)
    consumer.subscribe([topic], listener=listener)
    await consumer.start()
    while not stopped.is_set():
        fetched = await consumer.getmany(timeout_ms=100, max_records=50)
        for partition, records in fetched.items():
            for record in records:
                say(name, "record", f"{partition.topic}:{partition.partition}", record.offset, record.value.decode())
        offsets = {partition: records[-1].offset + 1 for partition, records in fetched.items() if records}
        if not offsets:
            continue
        try:
            await consumer.commit(offsets)
        except KafkaError as error:
            say(name, "failed", type(error).__name__)
            continue
        say(name, "committed", ",".join(f"{p.topic}:{p.partition}={offset}" for p, offset in offsets.items()))
    listener.on_partitions_revoked(consumer.assignment())
    await consumer.stop()
    say(name, "closed")


async def main():
    stdin = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    members = {}
    while line := await stdin.readline():
        command, member, *rest = line.decode().split()
        if command == "start":
            stop = asyncio.Event()
            chosen = dict(pair.split("=", 1) for pair in rest[2:])
            members[member] = (asyncio.create_task(run(member, rest[0], rest[1], chosen, stop)), stop)
        else:
            members[member][1].set()
    for task, stop in members.values():
        stop.set()
        await task


asyncio.run(main())
