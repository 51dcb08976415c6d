/**
 * Metadata record of a controller's registration (KIP-919).
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const registerControllerRecord = defineMessage({
  name: 'RegisterControllerRecord',
  kind: 'metadata',
  key: 27,
  versions: [0, 0],
  flexible: 0,
  fields: {
    controllerId: t.int32(),
    incarnationId: t.uuid(),
    zkMigrationReady: t.bool(),
    endPoints: t.array({
      name: t.string(),
      host: t.string(),
      port: t.uint16(),
      securityProtocol: t.int16(),
    }),
    features: t.array({
      name: t.string(),
      minSupportedVersion: t.int16(),
      maxSupportedVersion: t.int16(),
    }),
  },
});
export type RegisterControllerRecord = Infer<typeof registerControllerRecord>;
