/** A real Chromium, where there is one, and pages that remember what they asked for and complained of. */
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type Page, chromium } from 'playwright-core';

const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

export const browserPath = places.find((path) => path !== undefined && existsSync(path));

export function openBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error('There is no Chromium.');
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  return chromium.launch({ executablePath: browserPath, args });
}

export interface WatchedPage {
  readonly page: Page;
  /** Requests of any other place than the page's own, errors in the console, and uncaught ones. */
  readonly faults: readonly string[];
  readonly close: () => Promise<void>;
}

interface Look {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
}

/** @param origin the only place that the page may ask for anything */
export async function openPage(
  browser: Browser,
  origin: string,
  { width = 1280, colorScheme = 'light' }: Look = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(?:data|blob):/.test(url) && !url.startsWith(origin)) faults.push(`asked for ${url}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => {
    faults.push(error.message);
  });
  return { page, faults, close: () => context.close() };
}

// Scripts for the page are texts, because the types of a browser are none of this project's.

/** What axe-core calls serious or critical, with the elements. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // By the debugger, because the page's own policy lets no other script run.
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).join(' ')))`);
}

/** What can be scrolled to the side, in pixels. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
}

/** Where an element begins, in pixels from the top of what is seen. */
export function topOf(page: Page, id: string): Promise<number> {
  const element = `document.getElementById(${JSON.stringify(id)})`;
  return page.evaluate<number>(`${element} ? ${element}.getBoundingClientRect().top : 1e9`);
}

/** What has the focus: its id, its `data-testid` or its tag; whether an outline shows it; whether it is in the text. */
export function focusOf(page: Page) {
  return page.evaluate<{ name: string; isShown: boolean; isInText: boolean }>(`(() => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return {
      name: element.id || element.dataset.testid || element.tagName,
      isShown: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
      isInText: element.closest('main') !== null,
    };
  })()`);
}
