/**
 * A regular expression over topic names: RE2 syntax, matched against the whole name in time linear in its length (`re2js`, a
 * port of RE2 in JavaScript; Kafka uses RE2/J, the same syntax). Loaded by the first expression of the process.
 *
 * Linear is not cheap: a matcher costs up to (instructions × characters), and `x{1000}` is a thousand instructions. Measured
 * on Node 20, one core: `(a+)+` ten thousand times, 50 kB: 180 ms and 40 MB to compile. 140,000 instructions in 980
 * characters (`a{1000}` 140 times): 230 ms and 53 MB. So the text is limited, and what its counted repetitions may
 * unfold to. Kafka has no limit of its own; it compiles and matches on threads that serve nobody else.
 */
import { createRequire } from 'node:module';
import { KafkaError } from '../../../base/kafka-error.js';
import { Rejection } from './rejection.js';

const require = createRequire(import.meta.url);
let library: typeof import('re2js') | undefined;

/** `(a+)+` 800 times: 28 ms and 3 MB to compile, 31 ms for the first name of 249 characters. */
export const REGEX_LENGTH_MAX = 4096;
/** Upper bound of the instructions: at most 85 ms to compile. */
export const REGEX_INSTRUCTIONS_MAX = 50_000;
/** RE2 refuses a product of nested counts above it. */
const REPEAT_MAX = 1000;

export interface TopicRegex {
  /** What one name may cost: proportional to it. */
  readonly instructions: number;
  /** The whole name. */
  matches(name: string): boolean;
}

/** Throws Rejection (INVALID_REGULAR_EXPRESSION). Nothing is kept: a matcher's automaton may grow to 8 MiB. */
export function compileTopicRegex(text: string): TopicRegex {
  if (text.length > REGEX_LENGTH_MAX || instructionsMax(text) > REGEX_INSTRUCTIONS_MAX) {
    throw invalid(text, 'expression too large');
  }
  library ??= require('re2js') as typeof import('re2js');
  const { RE2JS, RE2JSException, RE2JSSyntaxException } = library;
  try {
    const compiled = RE2JS.compile(text);
    return { instructions: compiled.programSize(), matches: (name) => compiled.testExact(name) };
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw invalid(text, error.getDescription());
    if (error instanceof RE2JSException) throw invalid(text, error.message);
    throw error;
  }
}

function invalid(text: string, description: string): Rejection {
  const message = `SubscribedTopicRegex \`${text}\` is not a valid regular expression: ${description}.`;
  return new Rejection(KafkaError.INVALID_REGULAR_EXPRESSION, message);
}

/** As if every character were repeated by every count. */
function instructionsMax(text: string): number {
  let product = 1;
  for (const [, from, to] of text.matchAll(/\{(\d{1,4})(?:,(\d{0,4}))?\}/g)) {
    product = Math.min(product * Math.max(Number(from), Number(to ?? 0), 1), REPEAT_MAX);
  }
  return text.length * product;
}
