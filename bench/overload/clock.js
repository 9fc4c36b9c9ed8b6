/** Preloaded into a service: how long each answer took by the service's own clock, told and forgotten when asked. */
import { Server } from 'node:http';
import { performance } from 'node:perf_hooks';

const times = { accepted: [], refused: [], other: [] };
const kinds = { 200: 'accepted', 429: 'refused', 503: 'refused' };
const { emit } = Server.prototype;

Server.prototype.emit = function (event, ...args) {
  const [request, response] = args;
  if (event === 'request' && request.url.startsWith('/patients')) {
    const began = performance.now();
    response.once('finish', () => {
      times[kinds[response.statusCode] ?? 'other'].push(performance.now() - began);
    });
  }
  return emit.call(this, event, ...args);
};

process.on('message', () => {
  const told = Object.entries(times).map(([kind, all]) => {
    const sorted = Float64Array.from(all.splice(0)).sort();
    const at = (share) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return [kind, { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) }];
  });
  process.send({ ...Object.fromEntries(told), rss: process.memoryUsage().rss });
});
