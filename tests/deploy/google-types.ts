/** Holds a value against a type of Google's published API clients: unknown names and wrong kinds are told. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

type Members = ReadonlyMap<string, ts.TypeNode>;

/** @param api a package and version of its API, such as `@googleapis/run/build/v1` */
export function googleTypes(api: string) {
  const [scope = '', name = '', ...rest] = api.split('/');
  const entry = fileURLToPath(import.meta.resolve(`${scope}/${name}`));
  const file = new URL(`../${rest.join('/')}.d.ts`, `file://${entry}`);
  const text = readFileSync(file, 'utf8');
  const interfaces = interfacesOf(ts.createSourceFile('api.d.ts', text, ts.ScriptTarget.Latest));
  return {
    /** What the documents of the types say, annotations among it. */
    text,
    /** A line for each fault, with its place. */
    faultsOf: (type: string, value: unknown) => [
      ...faults({ interfaces, members: interfaces.get(`Schema$${type}`), value, at: type }),
    ],
  };
}

function interfacesOf(source: ts.SourceFile): ReadonlyMap<string, Members> {
  const found = new Map<string, Members>();
  const visit = (node: ts.Node): void => {
    if (ts.isInterfaceDeclaration(node)) {
      found.set(
        node.name.text,
        new Map(
          node.members
            .filter(ts.isPropertySignature)
            .flatMap(({ name, type }) =>
              type === undefined ? [] : [[name.getText(source), type] as const],
            ),
        ),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

interface Held {
  readonly interfaces: ReadonlyMap<string, Members>;
  readonly members: Members | undefined;
  readonly value: unknown;
  readonly at: string;
}

function* faults({ interfaces, members, value, at }: Held): Generator<string> {
  if (members === undefined) throw new Error(`there is no type for ${at}`);
  if (!isMapping(value)) {
    yield `${at} must be a mapping`;
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    const type = members.get(name);
    if (type === undefined) yield `${at} has no ${name}; it has ${[...members.keys()].join(', ')}`;
    else yield* typeFaults(type, { interfaces, members, value: inner, at: `${at}.${name}` });
  }
}

function* typeFaults(type: ts.TypeNode, held: Held): Generator<string> {
  const { value, at, interfaces } = held;
  if (ts.isUnionTypeNode(type)) {
    const [only] = type.types.filter((one) => !ts.isLiteralTypeNode(one));
    if (only !== undefined) yield* typeFaults(only, held);
  } else if (ts.isArrayTypeNode(type)) {
    if (!Array.isArray(value)) yield `${at} must be a list`;
    else {
      for (const [index, item] of value.entries()) {
        yield* typeFaults(type.elementType, { ...held, value: item, at: `${at}[${index}]` });
      }
    }
  } else if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName)) {
    yield* faults({ ...held, members: interfaces.get(type.typeName.text) });
  } else if (ts.isTypeLiteralNode(type)) {
    if (!isMapping(value)) yield `${at} must be a mapping`;
    else if (!Object.values(value).every((one) => typeof one === 'string')) {
      yield `${at} must hold texts only`;
    }
  } else {
    const wanted = ts.tokenToString(type.kind) ?? '';
    if (typeof value !== wanted) yield `${at} must be a ${wanted}`;
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
