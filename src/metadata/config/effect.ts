/** Keys that are read and validated but act on nothing yet, because what they configure does not exist yet. */
const NOT_BUILT: readonly RegExp[] = [
  /^log\.cleaner\./, // compaction
  /^transaction/, // transactions
  /^(ssl|sasl)\./, // TLS and SASL
  /^(authorizer\.|super\.users$|allow\.everyone)/, // ACLs
  /^connections\.max\.reauth\.ms$|^connection\.failed\.authentication/,
  /^(background\.threads|request\.timeout\.ms|controlled\.shutdown\.enable|inter\.broker\.listener\.name)$/,
  /^num\.recovery\.threads\.per\.data\.dir$|^log\.flush\.scheduler\.interval\.ms$/,
  /^controller\.quorum\./, // the embedded controller is its own quorum
];

export function isBuilt(name: string): boolean {
  return !NOT_BUILT.some((pattern) => pattern.test(name));
}
