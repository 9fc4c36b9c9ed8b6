/** The documentation in a real browser: the static site, and the page that the service serves. `npm run test:all -- tests/pages`. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problems } from '../../src/problem.js';
import { problemBody } from '../../src/http/reply.js';
import { buildSite } from '../../tools/site.js';
import { type TestService, startService } from '../support/service.js';
import {
  browserPath,
  focusOf,
  openBrowser,
  openPage,
  overflowOf,
  seriousFindings,
  topOf,
} from './browser.js';
import { serveFolder } from './site-server.js';

if (browserPath === undefined) {
  console.log('Skipped: no Chromium at CHROMIUM, /usr/bin/chromium or /usr/bin/google-chrome.');
}

/** Every `type` that a refusal can have. */
const types = Object.values(problems).map((make) => {
  const problem = (make as (...facts: readonly unknown[]) => ReturnType<typeof problems.notFound>)(
    [],
    '',
  );
  return problemBody(problem, 'x').type;
});
const slugOf = (type: string) => type.split('/').at(-1) ?? '';
const anchorOf = (type: string) => `section/errors/${slugOf(type)}`;

let folder: string;
let site: Awaited<ReturnType<typeof serveFolder>>;
let service: TestService;
let browser: Browser;

// Run at the same time, tests that poll take `expect` of their own.
const options = { timeout: 120_000, concurrent: true };

describe.skipIf(browserPath === undefined)('in Chromium', options, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'site-'));
    await buildSite(folder);
    site = await serveFolder(folder);
    service = await startService();
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await service.close();
    site.close();
    await rm(folder, { recursive: true });
  });

  describe.each([
    ['of the site', () => site.url],
    ['of the service', () => service.url],
  ])('the reference %s', (_name, urlOf) => {
    const open = async (path: string, look = {}) => {
      const watched = await openPage(browser, urlOf(), look);
      await watched.page.goto(urlOf() + path);
      await watched.page.locator('main h1').first().waitFor();
      return watched;
    };

    it('has an anchor for each type of refusal, on which its URI lands', async ({ expect }) => {
      const { page, faults, close } = await open('/docs');
      for (const type of types) {
        // From elsewhere, as a reader comes who follows the URI.
        await page.goto('about:blank');
        await page.goto(urlOf() + type);
        const top = () => topOf(page, anchorOf(type));
        await expect.poll(top, { message: type, timeout: 30_000 }).toBeLessThan(200);
        expect(await top(), type).toBeGreaterThan(-50);
      }
      expect(faults).toEqual([]);
      await close();
    });

    it('is searched by keyboard alone, and finds an operation', async ({ expect }) => {
      const { page, faults, close } = await open('/docs');
      await expect
        .poll(() => page.locator('[data-testid="search-trigger"][tabindex]').count())
        .toBe(1);
      await page.keyboard.press('Tab');
      expect((await focusOf(page)).name).toBe('skip');
      for (let stop = 0; stop < 3 && (await focusOf(page)).name !== 'search-trigger'; stop += 1) {
        await page.keyboard.press('Tab');
      }
      expect(await focusOf(page)).toMatchObject({ name: 'search-trigger', isShown: true });
      await page.keyboard.press('Enter');
      await page.keyboard.type('lab result');
      const found = page.getByText('/lab_results/{lab_result_id}').last();
      await found.waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await expect.poll(() => page.url()).toContain('lab_result');
      expect(faults).toEqual([]);
      await close();
    });

    it('is walked by Tab, each stop shown, with a way past the menu', async () => {
      const { page, close } = await open('/docs');
      const shown: boolean[] = [];
      for (let stop = 0; stop < 20; stop += 1) {
        await page.keyboard.press('Tab');
        shown.push((await focusOf(page)).isShown);
      }
      expect(shown).toEqual(shown.map(() => true));
      await page.locator('#skip').focus();
      await page.keyboard.press('Enter');
      expect((await focusOf(page)).name).toBe('MAIN');
      await close();
    });

    it.each(['light', 'dark'] as const)(
      'has no serious fault for axe-core, %s',
      async (colorScheme) => {
        const { page, faults, close } = await open('/docs', { colorScheme });
        expect(await seriousFindings(page)).toEqual([]);
        await page.goto(`${urlOf()}/docs#/patients/listpatients`);
        await page.getByText('List patients').last().waitFor();
        expect(await seriousFindings(page)).toEqual([]);
        expect(faults).toEqual([]);
        await close();
      },
    );

    it('is read at 390 pixels', async () => {
      const { page, close } = await open('/docs', { width: 390 });
      expect(await overflowOf(page)).toBeLessThanOrEqual(0);
      await close();
    });
  });

  describe('the start page of the service', () => {
    it.each(['light', 'dark'] as const)(
      'has no serious fault for axe-core, and is read at 390 pixels, %s',
      async (colorScheme) => {
        const { page, faults, close } = await openPage(browser, service.url, {
          colorScheme,
          width: 390,
        });
        await page.goto(`${service.url}/`);
        expect(await seriousFindings(page)).toEqual([]);
        expect(await overflowOf(page)).toBeLessThanOrEqual(0);
        expect(faults).toEqual([]);
        await close();
      },
    );

    it('has links to guides that land on their chapters of the reference', async ({ expect }) => {
      const { page, close } = await openPage(browser, service.url);
      await page.goto(`${service.url}/`);
      const anchors = page.locator('a[href*="#section/"]');
      const chapters = await anchors.allTextContents();
      expect(chapters.length).toBeGreaterThan(3);
      for (const chapter of chapters) {
        await page.goto(`${service.url}/`);
        await page.getByRole('link', { name: chapter, exact: true }).click();
        const top = () => topOf(page, `section/${chapter.toLowerCase()}`);
        await expect.poll(top, { message: chapter, timeout: 10_000 }).toBeLessThan(200);
        expect(await top(), chapter).toBeGreaterThan(-50);
      }
      await close();
    });
  });

  describe('the guides', () => {
    it('each load alone, without a serious fault, at any width', async () => {
      const pages = (await readdir(folder)).filter((name) => name.endsWith('.html'));
      expect(pages.length).toBeGreaterThan(8);
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, faults, close } = await openPage(browser, site.url, { colorScheme });
        for (const name of pages) {
          await page.setViewportSize({ width: 1280, height: 900 });
          await page.goto(`${site.url}/${name}`);
          expect([name, await seriousFindings(page)]).toEqual([name, []]);
          await page.setViewportSize({ width: 390, height: 844 });
          expect([name, await overflowOf(page)]).toEqual([name, 0]);
        }
        expect(faults).toEqual([]);
        await close();
      }
    });

    it('have an anchor for each type of refusal', async () => {
      const { page, close } = await openPage(browser, site.url);
      for (const type of types) {
        await page.goto(`${site.url}/errors.html#${slugOf(type)}`);
        const top = await topOf(page, slugOf(type));
        expect([type, top >= 0 && top < 900]).toEqual([type, true]);
      }
      await close();
    });

    it('are walked by Tab, the way past the menu first', async () => {
      const { page, close } = await openPage(browser, site.url);
      await page.goto(`${site.url}/index.html`);
      await page.keyboard.press('Tab');
      expect(await focusOf(page)).toMatchObject({ name: 'skip', isShown: true });
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await focusOf(page)).toMatchObject({ isShown: true, isInText: true });
      await close();
    });

    it('open from a disk, without any server', async () => {
      const { page, faults, close } = await openPage(browser, `file://${folder}`);
      await page.goto(`file://${folder}/index.html`);
      await page.getByRole('link', { name: 'Reference', exact: true }).click();
      await page.getByText('cursor-expired').first().waitFor({ state: 'attached' });
      expect(faults).toEqual([]);
      await close();
    });
  });

  it('the download is what the service serves', async () => {
    const served = await service.fetch('/openapi.json');
    const download = JSON.parse(await readFile(join(folder, 'openapi.json'), 'utf8')) as unknown;
    expect(download).toEqual(served.body);
  });
});
