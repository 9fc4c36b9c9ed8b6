// The size of the source: its files, its functions, and who imports whom.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

interface Source {
  /** Below src. */
  readonly name: string;
  readonly lines: number;
  /** Names below src of what it imports. */
  readonly imports: readonly string[];
  readonly longestFunction: { readonly lines: number; readonly at: number };
}

/** @param folder of the sources */
export function readSources(folder: string): readonly Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readSource(folder, name));
}

/** Files that exactly one other imports. */
export function importedOnce(sources: readonly Source[]): readonly string[] {
  const importers = new Map<string, number>();
  for (const name of sources.flatMap(({ imports }) => [...new Set(imports)])) {
    importers.set(name, (importers.get(name) ?? 0) + 1);
  }
  return sources.map(({ name }) => name).filter((name) => importers.get(name) === 1);
}

/** Files of the audit where nobody looks for them: the command and the contract have their own. */
export function strayAudit(sources: readonly Source[]): readonly string[] {
  return sources
    .map(({ name }) => name)
    .filter(
      (name) => basename(name).includes('audit') && !/^(?:audit|commands|contract)\//.test(name),
    );
}

function readSource(folder: string, name: string): Source {
  const text = readFileSync(join(folder, name), 'utf8');
  const tree = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const lineOf = (place: number) => tree.getLineAndCharacterOfPosition(place).line + 1;
  const imports: string[] = [];
  let longestFunction = { lines: 0, at: 1 };
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && isSpecifier(node) && node.text.startsWith('.')) {
      const file = resolve(folder, dirname(name), node.text.replace(/\.js$/, '.ts'));
      imports.push(relative(folder, file));
    }
    if (ts.isFunctionLike(node)) {
      const at = lineOf(node.getStart());
      const lines = lineOf(node.end) - at + 1;
      if (lines > longestFunction.lines) longestFunction = { lines, at };
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { name, lines: text.split('\n').length - 1, imports, longestFunction };
}

function isSpecifier({ parent }: ts.StringLiteral): boolean {
  return (
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword) ||
    (ts.isLiteralTypeNode(parent) && ts.isImportTypeNode(parent.parent))
  );
}
