/** The built client in a real browser, module by module as it is published. `npm run test:all -- tests/pages`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patient } from '../support/records.js';
import { type TestService, keys, startService } from '../support/service.js';
import { browserPath, openBrowser, openPage } from './browser.js';

const dist = new URL('../../packages/client/dist/', import.meta.url);
const fileOf = (path: string) => fileURLToPath(new URL(path.replace('/modules/', ''), dist));

const html = '<!doctype html><link rel="icon" href="data:,">';

const script = (key: string) => `(async () => {
  const { createHospitalClient } = await import('/modules/client.js');
  const client = createHospitalClient({ url: location.origin, key: () => '${key}' });
  const pages = client.follow('patients', { limit: 2, waitSeconds: 20 });
  const ids = [];
  for (let count = 0; count < 2; count += 1) {
    ids.push(...(await pages.next()).value.records.map(({ source_id }) => source_id));
  }
  const { value: part } = await client.followBytes('patients').next();
  const lines = part.records.map((line) => JSON.parse(new TextDecoder().decode(line)).source_id);
  window.waiting = pages.next();
  return { ids, lines };
})()`;

describe.skipIf(browserPath === undefined)('the client in Chromium', { timeout: 120_000 }, () => {
  let service: TestService;
  let browser: Browser;
  beforeAll(async () => {
    service = await startService();
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await service.close();
  });

  it('follows a feed by pages and by bytes, and is told of a change by a long poll', async () => {
    const ids = ['1', '2', '3'];
    await service.write(
      'patients',
      ids.map((id) => patient(id)),
    );
    const { page, faults, close } = await openPage(browser, service.url);
    await page.route(`${service.url}/consumer`, (route) =>
      route.fulfill({ contentType: 'text/html', body: html }),
    );
    await page.route(`${service.url}/modules/**`, async (route) => {
      const body = await readFile(fileOf(new URL(route.request().url()).pathname), 'utf8');
      await route.fulfill({ contentType: 'text/javascript', body });
    });
    await page.goto(`${service.url}/consumer`);
    expect(await page.evaluate(script(keys.patients ?? ''))).toEqual({ ids, lines: ids });
    await service.write('patients', [patient('4')]);
    const told = `waiting.then(({ value }) => value.records.map(({ source_id }) => source_id))`;
    expect(await page.evaluate(told)).toEqual(['4']);
    expect(faults).toEqual([]);
    await close();
  });
});
