/** Bad bytes from outside: not decodable as the schema says. Thrown on the cold path only; the connection is then closed. */
export class WireError extends Error {
  override readonly name = 'WireError';
  /** Message and version being decoded, "" while unknown. */
  where = '';
  /** Field path such as topicData[2].partitionData[0].records, "" while unknown. */
  path = '';
  constructor(
    /** What is wrong, without the place. */
    readonly reason: string,
    /** Byte offset from the start of the reader's window. */
    readonly position: number,
  ) {
    super(`${reason} at byte ${position}`);
  }

  /** Adds the place; called once by `decode`. */
  locate(message: string, path: string): this {
    this.where = message;
    this.path = path;
    this.message = `${message}${path === '' ? '' : `, ${path}`}: ${this.reason} at byte ${this.position}`;
    return this;
  }
}

/** A version that the message does not have, or a value that the version cannot carry (Kafka's UnsupportedVersionException). */
export class UnsupportedVersionError extends Error {
  override readonly name = 'UnsupportedVersionError';
  constructor(
    readonly messageName: string,
    readonly version: number,
    /** Field path without indexes, "" when the version itself is unknown. */
    readonly field: string,
    what: string,
  ) {
    super(`${messageName} v${version}${field === '' ? '' : `, ${field}`}: ${what}`);
  }
}
