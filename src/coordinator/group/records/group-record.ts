/** Every record of __consumer_offsets that this program understands. */
import type { ClassicRecord } from './classic-records.js';
import type { ConsumerGroupRecord } from './consumer-group-records.js';
import type { ShareGroupRecord } from './share-group-records.js';

export type GroupRecord = ClassicRecord | ConsumerGroupRecord | ShareGroupRecord;
