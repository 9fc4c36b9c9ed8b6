/** Express 5 and nothing else, with the service's own statement and headers. */
import express from 'express';
import { samePage } from './same-page.js';

const app = express();
app.disable('x-powered-by');
app.set('etag', false);
app.get('/lab_results', async (request, response) => {
  const { text, headers } = await samePage(request.url);
  response.set(headers).end(text);
});
app.listen(Number(process.env.PORT), '127.0.0.1');
