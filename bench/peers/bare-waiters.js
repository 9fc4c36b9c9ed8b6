/** node:http with readers that wait: each GET is held back, and a POST gives all of them the answer that it brings. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** @type {Set<import('node:http').ServerResponse>} */
const waiting = new Set();

createServer((request, response) => {
  if (request.method === 'POST') {
    void text(request).then((sent) => {
      const answer = /** @type {{ headers: Record<string, string>, body: string }} */ (
        JSON.parse(sent)
      );
      for (const held of waiting) held.writeHead(200, answer.headers).end(answer.body);
      waiting.clear();
      response.end();
    });
  } else if (request.url === '/ready') response.end();
  else if (request.url === '/waiting') response.end(String(waiting.size));
  else waiting.add(response);
}).listen(Number(process.env.PORT), '127.0.0.1');
