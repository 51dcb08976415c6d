/** Worker entry: a network thread that only appends. */
import { parentPort, workerData } from 'node:worker_threads';
import { submitAll } from './submitter.js';

const result = await submitAll(workerData.handle, workerData.options);
parentPort?.postMessage(result);
