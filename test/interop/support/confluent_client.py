"""Sends COUNT records with confluent-kafka and reads them back with a consumer that assigns partitions itself."""
import sys
from confluent_kafka import Consumer, Producer, TopicPartition, OFFSET_BEGINNING

bootstrap, topic, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
failed = []
producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "compression.type": "lz4", "linger.ms": 5})
for i in range(count):
    producer.produce(topic, key=str(i % 13), value=f"{i:08d}", on_delivery=lambda error, _: error and failed.append(error))
    producer.poll(0)
producer.flush(60)
assert not failed, failed[0]

consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False})
partitions = consumer.list_topics(topic, 10).topics[topic].partitions
consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
last, seen = {}, 0
while seen < count:
    messages = consumer.consume(1000, 10)
    assert messages, f"only {seen} records"
    for message in messages:
        assert message.error() is None, message.error()
        value, partition = int(message.value()), message.partition()
        assert last.get(partition, -1) < value, "out of order"
        assert message.key().decode() == str(value % 13)
        last[partition] = value
        seen += 1
consumer.close()
print(f"produced {count} consumed {seen} in order")
