/** Which time of the audit a command is about. */
export interface Range {
  /** RFC 3339; the first time that is meant. */
  readonly since?: string;
  /** The first time behind it. */
  readonly until?: string;
}
