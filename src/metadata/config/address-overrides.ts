/** max.connections.per.ip.overrides: `host:count` pairs, comma-separated; a count behind the last colon (IPv6). */

export type AddressOverrides =
  | { readonly pairs: readonly (readonly [host: string, max: number])[] }
  | { readonly problem: string };

const COUNT_MAX = 2_147_483_647;

export function parseAddressOverrides(text: string): AddressOverrides {
  const pairs: [string, number][] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const match = /^\s*\[?(.+?)\]?\s*:\s*(\d{1,10})\s*$/.exec(part);
    if (match === null || Number(match[2]) > COUNT_MAX) {
      return {
        problem: `Error parsing configuration property 'max.connections.per.ip.overrides': ${part.trim()}`,
      };
    }
    pairs.push([match[1], Number(match[2])]);
  }
  return { pairs };
}
