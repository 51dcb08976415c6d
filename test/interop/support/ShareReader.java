import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Kafka's share consumers for tests: some of them in one process, each in a thread of its own.
 *
 *   java ShareReader.java BOOTSTRAP GROUP TOPIC CONSUMERS RECORDS MODE [CLIENT-SETTING=VALUE ...]
 *
 * Reads until RECORDS different records are done, or for 40 s. Modes: accept; pick (accepts, releases values that end in 7 once,
 * rejects those that end in 3); hold (acquires, says so and waits to be killed); acquire (acquires and says so, acknowledges
 * nothing, leaves); stuck (the first consumer acquires and then does nothing while the others accept). Prints a line for each delivery: consumer, partition, offset, deliveries, what it did, value.
 */
public class ShareReader {
    private static final long MAX_MS = 40_000;
    private static final Set<String> done = ConcurrentHashMap.newKeySet();
    private static volatile boolean held;

    public static void main(String[] args) throws Exception {
        startFromTheBeginning(args[0], args[1]);
        List<Thread> threads = new ArrayList<>();
        for (int consumer = 0; consumer < Integer.parseInt(args[3]); consumer++) {
            int name = consumer;
            Thread thread = new Thread(() -> read(args, name));
            threads.add(thread);
            thread.start();
            // The one that gets stuck comes first.
            if (args[5].equals("stuck") && name == 0) while (!held) Thread.sleep(20);
        }
        for (Thread thread : threads) thread.join();
        System.out.println("done " + done.size());
    }

    private static void startFromTheBeginning(String bootstrap, String group) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            AlterConfigOp op = new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), List.of(op)))
                .all().get(20, TimeUnit.SECONDS);
        }
    }

    private static void read(String[] args, int name) {
        int records = Integer.parseInt(args[4]);
        String mode = args[5];
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("group.id", args[1]);
        properties.put("client.id", "reader-" + name);
        properties.put("share.acknowledgement.mode", "explicit");
        for (int i = 6; i < args.length; i++) properties.put(args[i].split("=")[0], args[i].split("=")[1]);
        long end = System.currentTimeMillis() + MAX_MS;
        try (var consumer = new KafkaShareConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(args[2]));
            while (done.size() < records && System.currentTimeMillis() < end) {
                boolean any = false;
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
                    any = true;
                    String did = take(consumer, name, record, mode);
                    int deliveries = record.deliveryCount().orElse((short) 0);
                    System.out.println(name + " " + record.partition() + " " + record.offset() + " " + deliveries + " " + did + " " + record.value());
                }
                if (any && mode.equals("hold")) {
                    System.out.println("holding");
                    Thread.sleep(MAX_MS);
                }
                if (any && mode.equals("acquire")) return;
                if (any && mode.equals("stuck") && name == 0) {
                    while (done.size() < records && System.currentTimeMillis() < end) Thread.sleep(50);
                    return;
                }
                if (any) report(consumer.commitSync(Duration.ofSeconds(20)), name);
            }
        } catch (Exception e) {
            System.out.println("failed " + e);
        }
    }

    private static void report(Map<?, ? extends java.util.Optional<?>> results, int name) {
        results.forEach((partition, error) -> error.ifPresent(e -> System.out.println("failed " + name + " " + partition + " " + e)));
    }

    private static String take(KafkaShareConsumer<String, String> consumer, int name, ConsumerRecord<String, String> record, String mode) {
        if (mode.equals("hold") || mode.equals("acquire")) return "held";
        if (mode.equals("stuck") && name == 0) {
            held = true;
            return "held";
        }
        AcknowledgeType type = AcknowledgeType.ACCEPT;
        if (mode.equals("pick") && record.value().endsWith("3")) type = AcknowledgeType.REJECT;
        if (mode.equals("pick") && record.value().endsWith("7") && record.deliveryCount().orElse((short) 0) == 1) type = AcknowledgeType.RELEASE;
        consumer.acknowledge(record, type);
        if (type != AcknowledgeType.RELEASE) done.add(record.partition() + "-" + record.offset());
        return type.toString();
    }
}
