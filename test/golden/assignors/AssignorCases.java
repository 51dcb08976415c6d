import java.util.*;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.*;
import org.apache.kafka.coordinator.group.assignor.*;
import org.apache.kafka.coordinator.group.modern.*;
public class AssignorCases {
  public static void main(String[] a) throws Exception {
    Random r = new Random(848);
    StringBuilder out = new StringBuilder("[\n");
    for (int c = 0; c < 60; c++) {
      int nTopics = 1 + r.nextInt(6), nMembers = 1 + r.nextInt(7);
      boolean homo = r.nextInt(2) == 0;
      Map<Uuid,Integer> counts = new LinkedHashMap<>();
      List<Uuid> ids = new ArrayList<>();
      for (int i = 0; i < nTopics; i++) { Uuid id = new Uuid(0, 2 + i); ids.add(id); counts.put(id, 1 + r.nextInt(12)); }
      Map<Uuid, Map<Integer,String>> inverted = new LinkedHashMap<>();
      Map<String, MemberSubscriptionAndAssignmentImpl> members = new LinkedHashMap<>();
      List<String> names = new ArrayList<>();
      for (int m = 0; m < nMembers; m++) names.add("m" + (char)('a' + (m * 5) % 26) + m);
      // current owners: each partition with probability, skewed to the first members
      Map<String, Map<Uuid, Set<Integer>>> current = new LinkedHashMap<>();
      for (String n : names) current.put(n, new LinkedHashMap<>());
      int fill = r.nextInt(4);
      for (Uuid id : ids) for (int p = 0; p < counts.get(id); p++) {
        if (fill == 0 || r.nextInt(4) >= fill + 1) continue;
        String n = names.get(r.nextBoolean() ? r.nextInt(nMembers) : r.nextInt(1 + nMembers / 2));
        current.get(n).computeIfAbsent(id, k -> new LinkedHashSet<>()).add(p);
        inverted.computeIfAbsent(id, k -> new LinkedHashMap<>()).put(p, n);
      }
      Set<Uuid> all = new LinkedHashSet<>();
      for (Uuid id : ids) if (r.nextInt(5) > 0) all.add(id);
      if (all.isEmpty()) all.add(ids.get(0));
      for (String n : names) {
        Set<Uuid> subs = new LinkedHashSet<>();
        if (homo) subs.addAll(all); else for (Uuid id : ids) if (r.nextInt(2) == 0) subs.add(id);
        Optional<String> inst = r.nextInt(4) == 0 ? Optional.of("i" + r.nextInt(100) + n) : Optional.empty();
        members.put(n, new MemberSubscriptionAndAssignmentImpl(Optional.empty(), inst, subs, new Assignment(current.get(n))));
      }
      // homogeneous code takes partitions that nobody subscribed owns as assigned: give it only consistent maps
      if (homo) { for (Uuid id : ids) if (!all.contains(id)) inverted.remove(id); }
      GroupSpecImpl spec = new GroupSpecImpl(Collections.unmodifiableMap(members), homo ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS, inverted, Optional.empty());
      SubscribedTopicDescriber d = new SubscribedTopicDescriber() {
        public int numPartitions(Uuid id) { return counts.getOrDefault(id, -1); }
        public Set<String> racksForPartition(Uuid id, int p) { return Set.of(); }
        public Set<Integer> assignablePartitions(Uuid id) { throw new UnsupportedOperationException(); }
      };
      out.append(c == 0 ? "" : ",\n").append("{\"subscriptionType\":\"").append(homo ? "homogeneous" : "heterogeneous").append("\",\"topics\":{");
      boolean f = true; for (Uuid id : ids) { out.append(f ? "" : ",").append("\"").append(id).append("\":").append(counts.get(id)); f = false; }
      out.append("},\"members\":{"); f = true;
      for (String n : names) {
        MemberSubscriptionAndAssignmentImpl m = members.get(n);
        out.append(f ? "" : ",").append("\"").append(n).append("\":{\"instanceId\":").append(m.instanceId().map(x -> "\"" + x + "\"").orElse("null")).append(",\"topicIds\":[");
        f = false; boolean g = true; for (Uuid id : m.subscribedTopicIds()) { out.append(g ? "" : ",").append("\"").append(id).append("\""); g = false; }
        out.append("],\"assignment\":").append(json(current.get(n))).append("}");
      }
      out.append("},\"uniform\":").append(result(new UniformAssignor().assign(spec, d), names)).append(",\"range\":").append(result(new RangeAssignor().assign(spec, d), names)).append("}");
    }
    System.out.println(out.append("\n]"));
  }
  static String result(GroupAssignment g, List<String> names) {
    StringBuilder b = new StringBuilder("{"); boolean f = true;
    for (String n : names) { MemberAssignment m = g.members().get(n); b.append(f ? "" : ",").append("\"").append(n).append("\":").append(json(m == null ? Map.of() : m.partitions())); f = false; }
    return b.append("}").toString();
  }
  static String json(Map<Uuid, Set<Integer>> m) {
    StringBuilder b = new StringBuilder("{"); boolean f = true;
    for (Uuid id : new TreeSet<>(m.keySet())) { if (m.get(id).isEmpty()) continue; b.append(f ? "" : ",").append("\"").append(id).append("\":").append(new TreeSet<>(m.get(id)).toString().replace(" ", "")); f = false; }
    return b.append("}").toString();
  }
}
