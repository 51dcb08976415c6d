/** Records of __share_group_state. */
export * from './share-snapshot.js';
export * from './share-update.js';
