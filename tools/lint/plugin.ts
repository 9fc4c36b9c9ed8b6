// The project's own rules as a plugin of Redocly.
import { type Json, type JsonObject, objectOf } from '../contract/json.js';
import type { Follow, Rule } from './rule.js';
import { rules } from './rules.js';

interface Location {
  child(keys: readonly string[]): Location;
}

/** What Redocly hands to a visitor, so far as it is used here. */
interface VisitorContext {
  readonly key: string | number;
  readonly location: Location;
  resolve(
    node: Json | undefined,
    from?: string,
  ): {
    readonly node?: Json;
    readonly location?: { readonly source: { readonly absoluteRef: string } };
  };
  report(problem: { readonly message: string; readonly location: Location }): void;
}

export const plugin = {
  id: 'hospital',
  rules: {
    oas3: Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, visitor(rule)])),
  },
};

function visitor({ on, check }: Rule) {
  return () => ({
    [on]: (node: JsonObject, context: VisitorContext) => {
      for (const { message, at } of check(node, {
        key: String(context.key),
        follow: follow(context),
      })) {
        context.report({ message, location: context.location.child(at) });
      }
    },
  });
}

function follow(context: VisitorContext): Follow {
  return (node, from) => {
    const { $ref, ...beside } = objectOf(node);
    if (typeof $ref !== 'string') return { node: beside, from };
    const target = context.resolve({ $ref }, from);
    return {
      node: { ...objectOf(target.node), ...beside },
      from: target.location?.source.absoluteRef,
    };
  };
}
