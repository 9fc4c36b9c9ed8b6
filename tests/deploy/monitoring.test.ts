/** The dashboard, the alerts and the objectives name metrics and labels that there are, in the forms that Cloud Monitoring takes. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Instrument, instruments, prometheusName } from '../../src/telemetry/instruments.js';
import { producerInstruments } from '../../src/telemetry/producer-metrics.js';

const folder = 'deploy/monitoring';
const alertFiles = await readdir(join(folder, 'alerts'));

interface Policy {
  readonly displayName: string;
  readonly conditions: readonly {
    readonly conditionPrometheusQueryLanguage: {
      readonly query: string;
      readonly duration: string;
      readonly evaluationInterval: string;
    };
  }[];
  readonly documentation: { readonly content: string };
}

interface Dashboard {
  readonly mosaicLayout: {
    readonly columns: number;
    readonly tiles: readonly {
      readonly xPos: number;
      readonly yPos: number;
      readonly width: number;
      readonly height: number;
      readonly widget: {
        readonly xyChart: {
          readonly dataSets: readonly {
            readonly legendTemplate: string;
            readonly timeSeriesQuery: { readonly prometheusQuery: string };
          }[];
        };
      };
    }[];
  };
}

const policies = await Promise.all(
  alertFiles.map(async (file) => {
    // Read in the form that is asserted below.
    const policy = JSON.parse(await readFile(join(folder, 'alerts', file), 'utf8')) as Policy;
    return { file, policy };
  }),
);
const dashboard = JSON.parse(await readFile(join(folder, 'dashboard.json'), 'utf8')) as Dashboard;
const { tiles } = dashboard.mosaicLayout;
const charts = tiles.flatMap(({ widget }) => widget.xyChart.dataSets);

const namesOf = (table: Readonly<Record<string, Instrument>>) =>
  Object.values(table).map(({ name, unit }) => prometheusName(name, unit));

/** Each name with the labels that it has; the tests of service and producer hold these tables to what is scraped. */
const known = new Map(
  [...Object.values(instruments), ...Object.values(producerInstruments)].map(
    ({ name, unit, attributes }) => [
      prometheusName(name, unit),
      new Set(['le', ...attributes.map((attribute) => attribute.replaceAll('.', '_'))]),
    ],
  ),
);

function faultsOf(query: string): readonly string[] {
  const faults: string[] = [];
  // Metrics are written with braces, also where nothing stands in them, so that they are told from functions.
  const selectors = [...query.matchAll(/([a-z0-9_]+)\{([^}]*)\}/g)];
  const labels = new Set<string>(['le']);
  for (const [, name = '', filters = ''] of selectors) {
    const own = known.get(name.replace(/_(?:total|bucket|count|sum)$/, '')) ?? known.get(name);
    if (own === undefined) faults.push(`no metric ${name}`);
    for (const label of own ?? []) labels.add(label);
    for (const [, label = ''] of filters.matchAll(/([a-z_]+)(?:=~|!~|=|!=)"/g)) {
      if (own?.has(label) !== true) faults.push(`${name} has no ${label}`);
    }
  }
  for (const [, group = ''] of query.matchAll(/\b(?:by|on) \(([^)]*)\)/g)) {
    faults.push(
      ...group
        .split(', ')
        .filter((label) => !labels.has(label))
        .map((label) => `no label ${label}`),
    );
  }
  const count = (sign: string) => query.split(sign).length;
  if (count('(') !== count(')') || count('{') !== count('}')) faults.push('unbalanced');
  if (selectors.length === 0 || /[a-z]\[/.test(query)) faults.push('a metric without braces');
  return faults;
}

describe('alerts', () => {
  it.each(policies)('$file asks for metrics and labels that there are', ({ policy }) => {
    for (const { conditionPrometheusQueryLanguage: condition } of policy.conditions) {
      expect(faultsOf(condition.query)).toEqual([]);
      // Cloud Monitoring takes multiples of 30 seconds and of a minute.
      expect(Number.parseInt(condition.evaluationInterval, 10) % 30).toBe(0);
      expect(Number.parseInt(condition.duration, 10) % 60).toBe(0);
    }
    const named = [...policy.documentation.content.matchAll(/`([a-z]+_[a-z0-9_]+)`/g)];
    const names = named.map(([, name = '']) => name.replace(/_total$/, ''));
    const labels = new Set([...known.values()].flatMap((of) => [...of]));
    expect(names.filter((name) => !known.has(name) && !labels.has(name))).toEqual([]);
  });

  it('are those of docs/slo.md', async () => {
    const page = await readFile('docs/slo.md', 'utf8');
    const rows = page.match(/^\| `[^|]+\|/gm) ?? [];
    const named = rows.flatMap((row) => [...row.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
    expect(named.sort()).toEqual(alertFiles.map((file) => file.replace('.json', '')).sort());
  });

  it('fail for a metric or a label that there is not', () => {
    expect(faultsOf('rate(hospital_refusal_total{}[5m])')).toEqual([
      'no metric hospital_refusal_total',
    ]);
    expect(faultsOf('sum by (status) (hospital_refusals_total{code="500"})')).toEqual([
      'hospital_refusals_total has no code',
      'no label status',
    ]);
    expect(faultsOf('rate(hospital_refusals_total[5m])')).toEqual(['a metric without braces']);
  });
});

describe('the dashboard', () => {
  it('asks for metrics and labels that there are', () => {
    for (const { timeSeriesQuery, legendTemplate } of charts) {
      const query = timeSeriesQuery.prometheusQuery;
      expect(faultsOf(query)).toEqual([]);
      const labels = [...legendTemplate.matchAll(/\$\{labels\.([a-z_]+)\}/g)];
      for (const [, label = ''] of labels) expect(query).toContain(label);
    }
  });

  it('shows each metric of the service but those of details', () => {
    const queries = charts.map(({ timeSeriesQuery }) => timeSeriesQuery.prometheusQuery).join();
    const unshown = namesOf(instruments).filter((name) => !queries.includes(name));
    expect(unshown).toEqual([
      'hospital_feed_position_seconds',
      'hospital_consumer_position_seconds',
      'db_client_connection_max',
      'hospital_key_last_use_age_seconds',
      'process_uptime_seconds',
    ]);
  });

  it('has tiles within its columns, none over another', () => {
    const taken = new Set<string>();
    for (const { xPos, yPos, width, height } of tiles) {
      expect(xPos + width).toBeLessThanOrEqual(dashboard.mosaicLayout.columns);
      for (let x = xPos; x < xPos + width; x += 1) {
        for (let y = yPos; y < yPos + height; y += 1) {
          expect(taken.has(`${x} ${y}`)).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });
});
