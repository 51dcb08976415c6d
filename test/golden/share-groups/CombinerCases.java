import java.util.*;
import org.apache.kafka.coordinator.share.PersisterStateBatchCombiner;
import org.apache.kafka.server.share.persister.PersisterStateBatch;

/** Prints what Kafka makes of batches that are laid over others: one case a line, as JSON. */
public class CombinerCases {
    static final Random random = new Random(42);

    static List<PersisterStateBatch> batches(int count, int span) {
        List<PersisterStateBatch> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long first = random.nextInt(span);
            long last = first + random.nextInt(8);
            byte state = (byte) (2 * random.nextInt(3));
            list.add(new PersisterStateBatch(first, last, state, (short) (1 + random.nextInt(3))));
        }
        return list;
    }

    static String json(List<PersisterStateBatch> list) {
        StringJoiner out = new StringJoiner(",", "[", "]");
        for (PersisterStateBatch b : list)
            out.add("[" + b.firstOffset() + "," + b.lastOffset() + "," + b.deliveryState() + "," + b.deliveryCount() + "]");
        return out.toString();
    }

    public static void main(String[] args) {
        StringJoiner cases = new StringJoiner(",\n", "[\n", "\n]");
        for (int i = 0; i < 400; i++) {
            int span = 10 + random.nextInt(30);
            List<PersisterStateBatch> older = batches(random.nextInt(5), span);
            List<PersisterStateBatch> newer = batches(random.nextInt(5), span);
            long start = random.nextInt(3) == 0 ? -1 : random.nextInt(span);
            String inputs = "[" + json(older) + "," + json(newer) + "," + start + ",";
            cases.add(inputs + json(new PersisterStateBatchCombiner(older, newer, start).combineStateBatches()) + "]");
        }
        System.out.println(cases);
    }
}
