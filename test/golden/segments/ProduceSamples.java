import java.util.*; import org.apache.kafka.clients.producer.*; import org.apache.kafka.common.header.internals.*; import org.apache.kafka.common.serialization.*; import org.apache.kafka.clients.admin.*;
public class ProduceSamples { public static void main(String[] a) throws Exception {
 Properties p = new Properties(); p.put("bootstrap.servers", a[0]);
 try (Admin admin = Admin.create(p)) {
  List<NewTopic> ts = new ArrayList<>();
  for (String c : List.of("none","gzip","snappy","lz4","zstd")) { ts.add(new NewTopic("java-"+c,1,(short)1).configs(Map.of("index.interval.bytes","1024"))); }
  ts.add(new NewTopic("txn",1,(short)1).configs(Map.of("index.interval.bytes","100"))); ts.add(new NewTopic("odd",1,(short)1)); ts.add(new NewTopic("append-time",1,(short)1).configs(Map.of("message.timestamp.type","LogAppendTime")));
  ts.add(new NewTopic("recompressed",1,(short)1).configs(Map.of("compression.type","zstd")));
  admin.createTopics(ts).all().get(); }
 p.put("key.serializer", ByteArraySerializer.class.getName()); p.put("value.serializer", ByteArraySerializer.class.getName()); p.put("linger.ms","20");
 long t = 1700000000000L;
 for (String c : List.of("none","gzip","snappy","lz4","zstd")) { p.put("compression.type", c);
  try (Producer<byte[],byte[]> q = new KafkaProducer<>(p)) { int n = c.equals("none") ? 60 : 900; List<java.util.concurrent.Future<?>> fs = new ArrayList<>();
   for (int i=0;i<n;i++) { List<org.apache.kafka.common.header.Header> h = i%7==0 ? List.of(new RecordHeader("trace", ("id-"+i).getBytes()), new RecordHeader("none", null)) : List.of();
     fs.add(q.send(new ProducerRecord<>("java-"+c, 0, t+i*10, i%5==0?null:("key-"+i).getBytes(), ("value "+i+" of codec "+c+", the quick brown fox jumps over the lazy dog").getBytes(), h))); if (i % 150 == 149) q.flush(); }
   for (var f : fs) f.get(); } }
 p.put("compression.type","none");
 p.put("enable.idempotence","false");
 try (Producer<byte[],byte[]> q = new KafkaProducer<>(p)) {
   q.send(new ProducerRecord<>("odd",0,Long.valueOf(t),(byte[])null,(byte[])null)); q.send(new ProducerRecord<>("odd",0,t-500,new byte[0],new byte[0])); q.send(new ProducerRecord<>("odd",0,t+500,"kéy".getBytes("UTF-8"),new byte[]{0,(byte)0xff,(byte)0xc3,10,9}, List.of(new RecordHeader("",new byte[0]), new RecordHeader("h\u00e9","x".getBytes())))); q.flush();
   q.send(new ProducerRecord<>("append-time",0,t,"k".getBytes(),"v".getBytes())); q.send(new ProducerRecord<>("append-time",0,t+5,"k2".getBytes(),"v2".getBytes())); q.flush();
   for (int i=0;i<20;i++) q.send(new ProducerRecord<>("recompressed",0,t+i,("k"+i).getBytes(),("recompressed by the broker "+i).getBytes())); q.flush(); }
 p.put("enable.idempotence","true"); p.put("transactional.id","golden-tx");
 try (Producer<byte[],byte[]> q = new KafkaProducer<>(p)) { q.initTransactions();
  for (int x=0;x<6;x++) { q.beginTransaction(); for (int i=0;i<3;i++) q.send(new ProducerRecord<>("txn",0,t+x*100+i,("k"+x).getBytes(),("txn "+x+" record "+i).getBytes())); q.flush(); if (x%2==0) q.commitTransaction(); else q.abortTransaction(); } }
}}
