/** The reports as one picture: a row of bars for each, the medians with their spread. */
import { writeFile } from 'node:fs/promises';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Report, spreadOf } from './comparison.js';

interface Chart {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
}

const own = '#1a6f8f';
const others = '#b9c4c9';
const barHeight = 24;

export async function writePlot(path: string, reports: readonly Report[]): Promise<void> {
  // Their types are the browser's, which this repository has not.
  const { document } = parseHTML('<html></html>') as unknown as { readonly document: object };
  let top = 0;
  const parts = reports.map((report) => {
    const height = 64 + barHeight * report.results.length;
    const options: object = {
      document,
      ...{ width: 720, height, marginLeft: 210, marginRight: 60, marginTop: 30 },
      x: { label: report.unit, grid: true },
      y: { label: null, domain: report.results.map(({ name }) => name) },
      marks: [
        Plot.barX(report.results, {
          ...{ x: 'median', y: 'name', insetTop: 3, insetBottom: 3 },
          fill: ({ name }: { name: string }) => (name.includes('this service') ? own : others),
        }),
        Plot.ruleY(report.results, {
          ...{ y: 'name', stroke: '#333' },
          x1: ({ values }: { values: number[] }) => spreadOf(values)[0],
          x2: ({ values }: { values: number[] }) => spreadOf(values)[1],
        }),
        Plot.text(report.results, {
          ...{ y: 'name', textAnchor: 'start', dx: 6 },
          x: ({ values }: { values: number[] }) => spreadOf(values)[1],
          text: ({ median }: { median: number }) =>
            median >= 100 ? Math.round(median).toLocaleString('en') : median.toFixed(2),
        }),
      ],
    };
    const chart = Plot.plot(options) as unknown as Chart;
    chart.setAttribute('y', String(top + 22));
    const title = `<text x="8" y="${top + 18}" font-weight="bold">${report.title}</text>`;
    top += height + 30;
    return title + chart.outerHTML;
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="720" height="${top}" viewBox="0 0 720 ${top}" font-family="system-ui, sans-serif" font-size="13">`;
  await writeFile(
    path,
    `${head}<rect width="100%" height="100%" fill="white"/>${parts.join('')}</svg>\n`,
  );
}
