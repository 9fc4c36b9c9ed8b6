/** A text as the bytes of its UTF-8, one character each: what is stored is served without being read. */
export class StoredText {
  constructor(
    /** Characters up to U+00FF; written as `latin1` they are the text. */
    readonly bytes: string,
  ) {}

  /** In bytes. */
  get length(): number {
    return this.bytes.length;
  }

  toBuffer(): Buffer {
    return Buffer.from(this.bytes, 'latin1');
  }

  toString(): string {
    return this.toBuffer().toString();
  }
}
