/** Socket buffers: Kafka's names and defaults are told, but only a size that somebody chose is forced on the kernel. */
import { expect, it } from 'vitest';
import { networkThreadConfig } from '../../src/broker/main/network-settings.js';
import { BrokerConfig } from '../../src/metadata/config/broker-config.js';

function configured(settings: Record<string, string>): BrokerConfig {
  const required = { 'process.roles': 'broker,controller', 'controller.quorum.voters': '1@localhost:9093' };
  const listeners = {
    listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    'controller.listener.names': 'CONTROLLER',
  };
  return BrokerConfig.fromProperties(
    new Map(Object.entries({ 'node.id': '1', ...required, ...listeners, ...settings })),
  );
}

it('leaves socket buffers to the kernel unless a size is configured', () => {
  const config = configured({});
  expect(config.number('socket.send.buffer.bytes')).toBe(102_400);
  expect(networkThreadConfig(config)).toMatchObject({ sendBufferBytes: -1, receiveBufferBytes: -1 });
});

it('uses configured sizes, the default one too', () => {
  const config = configured({ 'socket.send.buffer.bytes': '102400', 'socket.receive.buffer.bytes': '65536' });
  expect(networkThreadConfig(config)).toMatchObject({ sendBufferBytes: 102_400, receiveBufferBytes: 65_536 });
});
