/** Records of __consumer_offsets, and what consumers embed in the classic protocol. */
export * from './consumer-group-current-member-assignment.js';
export * from './consumer-group-member-metadata.js';
export * from './consumer-group-metadata.js';
export * from './consumer-group-partition-metadata.js';
export * from './consumer-group-regular-expression.js';
export * from './consumer-group-target-assignment.js';
export * from './consumer-protocol.js';
export * from './group-metadata.js';
export * from './offset-commit.js';
export * from './share-group-current-member-assignment.js';
export * from './share-group-member-metadata.js';
export * from './share-group-metadata.js';
export * from './share-group-state-partition-metadata.js';
export * from './share-group-target-assignment.js';
