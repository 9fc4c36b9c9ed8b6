/** The ceiling: node:http, the service's own statement and headers, no key, no validation, no log. */
import { createServer } from 'node:http';
import { samePage } from './same-page.js';

createServer((request, response) => {
  void samePage(request.url ?? '').then(({ text, headers }) => {
    response.writeHead(200, headers).end(text);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
