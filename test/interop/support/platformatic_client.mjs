// Sends 2000 records with @platformatic/kafka; copied into the folder where that package is installed.
import { Producer, stringSerializers } from '@platformatic/kafka';

const [bootstrap, topic] = process.argv.slice(2);
const producer = new Producer({
  clientId: 'interop',
  bootstrapBrokers: [bootstrap],
  serializers: stringSerializers,
});
let sent = 0;
for (let i = 0; i < 20; i++) {
  const messages = Array.from({ length: 100 }, (_, j) => ({
    topic,
    key: String(j % 7),
    value: `value ${i * 100 + j}`,
  }));
  await producer.send({ messages });
  sent += messages.length;
}
await producer.close();
console.log(`sent ${sent}`);
