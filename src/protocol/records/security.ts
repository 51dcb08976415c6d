/**
 * Metadata records of ACLs, SCRAM credentials (KIP-900) and delegation tokens (KIP-900).
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const accessControlEntryRecord = defineMessage({
  name: 'AccessControlEntryRecord',
  kind: 'metadata',
  key: 18,
  versions: [0, 0],
  flexible: 0,
  fields: {
    id: t.uuid(),
    resourceType: t.int8(),
    resourceName: t.string(),
    patternType: t.int8(),
    principal: t.string(),
    host: t.string(),
    operation: t.int8(),
    permissionType: t.int8(),
  },
});
export type AccessControlEntryRecord = Infer<typeof accessControlEntryRecord>;

export const removeAccessControlEntryRecord = defineMessage({
  name: 'RemoveAccessControlEntryRecord',
  kind: 'metadata',
  key: 19,
  versions: [0, 0],
  flexible: 0,
  fields: {
    id: t.uuid(),
  },
});
export type RemoveAccessControlEntryRecord = Infer<typeof removeAccessControlEntryRecord>;

export const userScramCredentialRecord = defineMessage({
  name: 'UserScramCredentialRecord',
  kind: 'metadata',
  key: 11,
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: t.string(),
    mechanism: t.int8(),
    salt: t.bytes(),
    storedKey: t.bytes(),
    serverKey: t.bytes(),
    iterations: t.int32(),
  },
});
export type UserScramCredentialRecord = Infer<typeof userScramCredentialRecord>;

export const removeUserScramCredentialRecord = defineMessage({
  name: 'RemoveUserScramCredentialRecord',
  kind: 'metadata',
  key: 22,
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: t.string(),
    mechanism: t.int8(),
  },
});
export type RemoveUserScramCredentialRecord = Infer<typeof removeUserScramCredentialRecord>;

export const delegationTokenRecord = defineMessage({
  name: 'DelegationTokenRecord',
  kind: 'metadata',
  key: 10,
  versions: [0, 0],
  flexible: 0,
  fields: {
    owner: t.string(),
    requester: t.string(),
    renewers: t.array(t.string()),
    issueTimestamp: t.int64(),
    maxTimestamp: t.int64(),
    expirationTimestamp: t.int64(),
    tokenId: t.string(),
  },
});
export type DelegationTokenRecord = Infer<typeof delegationTokenRecord>;

export const removeDelegationTokenRecord = defineMessage({
  name: 'RemoveDelegationTokenRecord',
  kind: 'metadata',
  key: 26,
  versions: [0, 0],
  flexible: 0,
  fields: {
    tokenId: t.string(),
  },
});
export type RemoveDelegationTokenRecord = Infer<typeof removeDelegationTokenRecord>;
