/** All rows, in the order in which they are measured: latency first, while both brokers are small. */
import type { Row } from '../support/row.js';
import { COMPRESSED_ROWS } from './compressed.js';
import { END_TO_END_ROWS } from './end-to-end.js';
import { FAMILIAR_ROWS } from './familiar.js';
import { FETCH_ROWS } from './fetch.js';
import { FLUSH_ROWS } from './flush.js';
import { GROUP_ROWS } from './groups.js';
import { LIFE_ROWS } from './life.js';
import { PRODUCE_ROWS } from './produce.js';
import { QUOTA_ROWS } from './quotas.js';
import { REQUEST_ROWS } from './requests.js';

export const ROWS: readonly Row[] = [
  ...END_TO_END_ROWS,
  ...REQUEST_ROWS,
  ...PRODUCE_ROWS,
  ...COMPRESSED_ROWS,
  ...FLUSH_ROWS,
  ...FETCH_ROWS,
  ...GROUP_ROWS,
  ...QUOTA_ROWS,
  ...FAMILIAR_ROWS,
  ...LIFE_ROWS,
];
