/* Group members of Kafka's Java consumer, one thread each; see host.ts for what it reads and prints. */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

public final class GroupHost {
    static synchronized void say(String member, String text) {
        System.out.println(System.currentTimeMillis() + " " + member + " " + text);
    }

    static String names(Collection<TopicPartition> partitions) {
        return partitions.stream().map(p -> p.topic() + ":" + p.partition()).collect(Collectors.joining(","));
    }

    static final class Member extends Thread implements ConsumerRebalanceListener {
        final String topic;
        final Properties settings = new Properties();
        volatile boolean stopped;

        Member(String bootstrap, String[] words) {
            super(words[1]);
            topic = words[3];
            settings.put("bootstrap.servers", bootstrap);
            settings.put("group.id", words[2]);
            settings.put("client.id", getName());
            settings.put("enable.auto.commit", "false");
            settings.put("auto.offset.reset", "earliest");
            settings.put("fetch.max.wait.ms", "100");
            settings.put("max.poll.records", "50");
            settings.put("metadata.max.age.ms", "1000");
            for (int i = 4; i < words.length; i++) {
                String[] pair = words[i].split("=", 2);
                settings.put(pair[0], pair[1]);
            }
            if (!"consumer".equals(settings.get("group.protocol"))) {
                settings.put("session.timeout.ms", "8000");
                settings.put("heartbeat.interval.ms", "200");
            }
            for (String side : List.of("key", "value"))
                settings.put(side + ".deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        }

        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            say(getName(), "assigned " + names(partitions));
        }

        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            say(getName(), "revoked " + names(partitions));
        }

        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            say(getName(), "lost " + names(partitions));
        }

        @Override
        public void run() {
            try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
                if (topic.startsWith("^")) consumer.subscribe(new SubscriptionPattern(topic), this);
                else consumer.subscribe(List.of(topic), this);
                while (!stopped) poll(consumer);
            } catch (RuntimeException error) {
                say(getName(), "ended " + error);
            }
            say(getName(), "closed");
        }

        void poll(KafkaConsumer<String, String> consumer) {
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                say(getName(), "record " + names(List.of(partition)) + " " + record.offset() + " " + record.value());
                offsets.put(partition, new OffsetAndMetadata(record.offset() + 1));
            }
            if (offsets.isEmpty()) return;
            try {
                consumer.commitSync(offsets);
            } catch (KafkaException error) {
                say(getName(), "failed " + error.getClass().getSimpleName());
                return;
            }
            say(getName(), "committed " + offsets.entrySet().stream()
                .map(e -> names(List.of(e.getKey())) + "=" + e.getValue().offset())
                .collect(Collectors.joining(",")));
        }
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Member> members = new HashMap<>();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("start")) {
                Member member = new Member(arguments[0], words);
                members.put(words[1], member);
                member.start();
            } else members.get(words[1]).stopped = true;
        }
        for (Member member : members.values()) {
            member.stopped = true;
            member.join();
        }
    }
}
