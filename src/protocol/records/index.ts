/** Metadata log records and control records. */
export * from './blocks.js';
export * from './brokers.js';
export * from './configs.js';
export * from './control.js';
export * from './control-record.js';
export * from './controllers.js';
export * from './metadata-record.js';
export * from './partitions.js';
export * from './security.js';
export * from './topics.js';
export * from './transactions.js';
