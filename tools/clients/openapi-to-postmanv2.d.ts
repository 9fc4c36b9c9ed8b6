// The part of Postman's converter that is used here; the package brings no types.
declare module 'openapi-to-postmanv2' {
  interface Conversion {
    readonly result: boolean;
    readonly reason?: string;
    readonly output?: readonly { readonly type: string; readonly data: unknown }[];
  }

  export function convertV2(
    input: { readonly type: 'json'; readonly data: unknown },
    options: Readonly<Record<string, unknown>>,
    done: (error: Error | null, conversion: Conversion) => void,
  ): void;
}
