/** The least that could answer the same request: Fastify, pg, one route, one key. */
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const key = readFileSync(`${process.env.API_KEYS_DIR ?? ''}/patients_api_key`, 'utf8').trim();
const app = Fastify({ logger: true });

const querystring = {
  type: 'object',
  properties: { limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 } },
};

app.get('/patients', { schema: { querystring } }, async (request, reply) => {
  if (request.headers['x-api-key'] !== key) return reply.code(401).send();
  const { limit } = /** @type {{ limit: number }} */ (request.query);
  const { rows } = await pool.query(
    "select body from record where collection = 'patients' order by position limit $1",
    [limit],
  );
  return rows.map(({ body }) => /** @type {unknown} */ (JSON.parse(String(body))));
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
