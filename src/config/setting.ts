/** What one setting is, and the readings of a text that several settings share. */

export interface Setting<Value> {
  readonly meaning: string;
  /** Completes "must be …". */
  readonly wanted: string;
  readonly example: string;
  /** Not to be shown to anybody. */
  readonly secret?: true;
  readonly default: Value;
  /** The value of a text, or nothing when the text is not a right one. */
  parse(text: string): Value | undefined;
}

/** What the parts of the configuration are made in. */
export interface ConfigContext {
  readonly production: boolean;
  /** The working directory. */
  readonly folder: string;
  /** Gets a line for each setting that is wrong. */
  readonly errors: string[];
  /** Gets a line for each setting that an operator should read of at every start. */
  readonly warnings: string[];
}

/** What settings are once they are parsed. */
export type ValuesOf<Settings> = {
  readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer Value>
    ? Value | NonNullable<ReturnType<Settings[Name]['parse']>>
    : never;
};

export const anyText = (text: string) => (text === '' ? undefined : text);

export const boolean = (text: string) =>
  ['true', 'false'].includes(text) ? text === 'true' : undefined;

export function wholeNumber(least: number, most: number) {
  return (text: string) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    return value !== undefined && value >= least && value <= most ? value : undefined;
  };
}
