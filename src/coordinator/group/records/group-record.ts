/** Every record of __consumer_offsets that this program understands. */
import type { ClassicRecord } from './classic-records.js';

export type GroupRecord = ClassicRecord;
