/** Reads metrics in Prometheus's text form, and refuses what that form does not allow. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

export async function scrape(url: string): Promise<readonly Sample[]> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return samplesOf(await response.text());
}

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
function samplesOf(text: string): readonly Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, family, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (family !== undefined && type !== undefined) {
      if (types.has(family)) throw new Error(`${family} has two types`);
      types.set(family, type);
    }
    if (line.startsWith('# ')) continue;
    const sample = sampleOf(line);
    const base = sample.name.replace(/_(?:bucket|sum|count)$/, '');
    if (!types.has(sample.name) && types.get(base) !== 'histogram') {
      throw new Error(`${sample.name} has no type`);
    }
    samples.push(sample);
  }
  const ids = samples.map(
    ({ name, labels }) => name + JSON.stringify(Object.entries(labels).sort()),
  );
  if (new Set(ids).size < ids.length) throw new Error('a series is there twice');
  return samples;
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value = ''] = sampleLine.exec(line) ?? [];
  if (name === undefined || Number.isNaN(Number(value.replace('+Inf', 'Infinity')))) {
    throw new Error(`not a sample: ${line}`);
  }
  return { name, labels: labelsOf(labels), value: Number(value) };
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const [, name, value] = label.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not labels: ${text}`);
    labels[name] = value;
  }
  return labels;
}

/** The one sample of this name with at least these labels. */
export function valueOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  if (found.length > 1) throw new Error(`${name} ${JSON.stringify(labels)} is not one series`);
  return found[0]?.value;
}
