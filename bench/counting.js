/** Preloaded into the service: counts what passes Express and openapi-backend, and writes it down at the end. */
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import express from 'express';
import { OpenAPIBackend } from 'openapi-backend';

const counts = { express: 0, 'openapi-backend': 0 };
const { application } = express;

const handle = /** @type {(...rest: unknown[]) => void} */ (application.handle);
application.handle = function (...rest) {
  counts.express += 1;
  handle.apply(this, rest);
};

const { handleRequest } = OpenAPIBackend.prototype;
OpenAPIBackend.prototype.handleRequest = function (...rest) {
  counts['openapi-backend'] += 1;
  return handleRequest.apply(this, rest);
};
if (isMainThread && process.env.COUNT_FILE !== undefined) {
  process.on('exit', () => {
    writeFileSync(`${process.env.COUNT_FILE ?? ''}.${process.pid}`, JSON.stringify(counts));
  });
}
