/** Fastify and pg as they are mostly used: rows of columns, written as JSON. */
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const key = readFileSync(`${process.env.API_KEYS_DIR ?? ''}/lab_results_api_key`, 'utf8').trim();
const app = Fastify({ logger: true });

app.addHook('onRequest', async (request, reply) => {
  if (request.headers['x-api-key'] !== key) await reply.code(401).send();
});

const querystring = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 } },
};

app.get('/lab_results', { schema: { querystring } }, async (request, reply) => {
  const { limit } = /** @type {{ limit: number }} */ (request.query);
  void reply.header('Cache-Control', 'no-store');
  const text = 'select * from bench_row order by updated_ts limit $1';
  const { rows } = await pool.query({ name: 'page', text, values: [limit] });

  return rows;
});

app.get('/lab_results/:id', async (request, reply) => {
  const { id } = /** @type {{ id: string }} */ (request.params);
  const text = 'select * from bench_row where lab_result_id = $1';
  const { rows } = await pool.query({ name: 'record', text, values: [id] });
  return rows.length === 0 ? reply.code(404).send() : /** @type {unknown} */ (rows[0]);
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
