/** Prometheus's text of several workers as one: each series has the label `worker`, as the lines of the log do. */

interface Family {
  /** Help and type, which may stand only once. */
  readonly comments: Set<string>;
  readonly samples: string[];
}

export function joinedText(texts: readonly (readonly [worker: number, text: string])[]): string {
  const families = new Map<string, Family>();
  for (const [worker, text] of texts) addText(families, worker, text);
  return [...families.values()]
    .flatMap(({ comments, samples }) => [...comments, ...samples])
    .map((line) => `${line}\n`)
    .join('');
}

function addText(families: Map<string, Family>, worker: number, text: string): void {
  let family: Family | undefined;
  for (const line of text.split('\n')) {
    const [, name] = /^# (?:HELP|TYPE) (\S+)/.exec(line) ?? [];
    if (name === undefined) {
      if (line !== '') family?.samples.push(labelled(line, worker));
      continue;
    }
    family = families.get(name) ?? { comments: new Set(), samples: [] };
    families.set(name, family);
    family.comments.add(line);
  }
}

function labelled(sample: string, worker: number): string {
  return sample.replace(/^([\w:]+)(\{?)/, (_, name: string, brace: string) =>
    brace === '' ? `${name}{worker="${worker}"}` : `${name}{worker="${worker}",`,
  );
}
