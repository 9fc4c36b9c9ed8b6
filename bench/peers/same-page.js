/** The service's own statement and headers of a page, for peers that do nothing else. */
import { Buffer } from 'node:buffer';
import { URL } from 'node:url';
import pg from 'pg';
import { readerSettings } from '../../dist/store/database.js';
import { pageStatement } from '../../dist/store/page.js';

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  verify: (client, done) => {
    client.query(readerSettings).then(() => {
      done();
    }, done);
  },
});

/** @param {string} url */
export async function samePage(url) {
  const limit = Number(new URL(url, 'http://127.0.0.1').searchParams.get('limit') ?? 100);
  const filter = {};
  const {
    name,
    text: statement,
    values = [],
  } = pageStatement({
    ...{ collection: 'lab_results', after: 0, limit, filter },
    form: /** @type {const} */ ('array'),
  });
  const { rows } = await pool.query({ name, text: statement, values: [...values] });

  const [page] = /** @type {readonly Record<string, string>[]} */ (rows);
  const { body, end, last, epoch } = page ?? {};
  const text = `[${body ?? ''}]`;
  const headers = {
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Request-Id': '8e9a5a52-6d3e-4a83-9f0f-0f0c4b1f2a55',
    'Content-Type': 'application/json',
    'Next-Cursor': `c.${end}.${epoch}`,
    Link: `</lab_results?limit=${limit}&cursor=c.${end}.${epoch}>; rel="next"`,
    'Feed-Epoch': Number(epoch).toString(16).padStart(16, '0'),
    'Feed-Position': new Date(Number(last) / 1000).toISOString(),
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  };
  return { text, headers };
}
