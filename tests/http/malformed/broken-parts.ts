/** Request lines, lengths, chunks and header fields as they must not be, or as nobody expects them. */
import { type Chance, crlf, path } from './chance.js';

export function requestLine({ oneOf, bytes, below }: Chance): string {
  return oneOf([
    `GET ${path}`,
    `GET  ${path}  HTTP/1.1`,
    `get ${path} HTTP/1.1`,
    `GET ${path} HTTP/9.9`,
    `GET ${path} HTTP/1.1.1`,
    `GET ${path} HTTPS/1.1`,
    `GET ${path} http/1.1`,
    `GET\t${path}\tHTTP/1.1`,
    `${path} GET HTTP/1.1`,
    'PRI * HTTP/2.0',
    'OPTIONS * HTTP/1.1',
    'CONNECT hospital:443 HTTP/1.1',
    'GET * HTTP/1.1',
    'GET http:// HTTP/1.1',
    'GET http://[::1/patients HTTP/1.1',
    'GET http://other.example/patients HTTP/1.1',
    'GET //patients//../%2e%2e HTTP/1.1',
    'GET ?limit=1 HTTP/1.1',
    `GET /${'a/'.repeat(below(9_000))} HTTP/1.1`,
    `${'M'.repeat(1 + below(300))} / HTTP/1.1`,
    `GET ${path}\u0000 HTTP/1.1`,
    `GET ${path}\n HTTP/1.1`,
    `GET ${path}\r HTTP/1.1`,
    `\r\n\r\n\r\nGET ${path} HTTP/1.1`,
    `GET ${bytes(1 + below(60))} HTTP/1.1`,
    `${bytes(1 + below(10))} ${path} HTTP/1.1`,
    'TRACE / HTTP/1.1',
    'HEAD /patients?limit=1&limit=2 HTTP/1.1',
    'BREW /patients HTTP/1.1',
    'GET / HTTP/0.9',
    `GET ${path} HTTP/1.0`,
    '',
  ]);
}

export function framing({ oneOf, bytes }: Chance): string {
  return oneOf([
    `content-length: 5${crlf}transfer-encoding: chunked${crlf}`,
    `transfer-encoding: chunked${crlf}content-length: 5${crlf}`,
    `content-length: 5${crlf}content-length: 6${crlf}`,
    `content-length: 5, 5${crlf}`,
    `content-length: +5${crlf}`,
    `content-length: -1${crlf}`,
    `content-length: 0x5${crlf}`,
    `content-length: 5 5${crlf}`,
    `content-length: 99999999999999999999999${crlf}`,
    `content-length: ${bytes(3)}${crlf}`,
    `content-length : 5${crlf}transfer-encoding: chunked${crlf}`,
    `content-length: 5${crlf}transfer-encoding: xchunked${crlf}`,
    `content-length: 5${crlf}transfer-encoding: chunked, identity${crlf}`,
    `content-length: 5${crlf}transfer-encoding: identity, chunked${crlf}`,
    `content-length: 5${crlf}transfer-encoding:\u000bchunked${crlf}`,
    `content-length: 5${crlf}transfer-encoding:${crlf} chunked${crlf}`,
    `content-length: 5${crlf}transfer-encoding : chunked${crlf}`,
    `content-length: 5${crlf}x: y\ntransfer-encoding: chunked${crlf}`,
    `content-length: 5${crlf}transfer-encoding: chunked${crlf}transfer-encoding: identity${crlf}`,
  ]);
}

export function chunk({ oneOf, bytes, below }: Chance): string {
  return oneOf([
    `5\r\nhello\r\n0\r\n\r\n`,
    `ffffffffffffffff1\r\nx\r\n`,
    `-1\r\nx\r\n0\r\n\r\n`,
    `5;${'e'.repeat(below(40_000))}\r\nhello\r\n0\r\n\r\n`,
    `5\nhello\n0\n\n`,
    `5\r\nhell0\r\n\r\n`,
    `0\r\nx: ${'t'.repeat(below(40_000))}\r\n\r\n`,
    `0x5\r\nhello\r\n0\r\n\r\n`,
    `5 \r\nhello\r\n0\r\n\r\n`,
    `${bytes(1 + below(20))}\r\n`,
    '1\r\nx\r\n'.repeat(below(2_000)),
  ]);
}

export function hugeHeader({ oneOf, below }: Chance): string {
  return oneOf([
    `x: ${'v'.repeat(below(200_000))}${crlf}`,
    `${'n'.repeat(below(100_000))}: v${crlf}`,
    `a: b${crlf}`.repeat(below(5_000)),
    `x-api-key: ${'k'.repeat(below(60_000))}${crlf}`,
    `x: y${crlf}${' folded\r\n'.repeat(below(3_000))}`,
    `prefer: ${'wait=0,'.repeat(below(2_000))}${crlf}`,
    `accept: ${'a/b;q=0.1,'.repeat(below(1_500))}${crlf}`,
  ]);
}

export function brokenHeader({ oneOf, bytes, below }: Chance): string {
  return oneOf([
    `${bytes(1 + below(30))}: v${crlf}`,
    `name: ${bytes(1 + below(30))}${crlf}`,
    `no colon${crlf}`,
    `: no name${crlf}`,
    `space : before${crlf}`,
    ` folded: first${crlf}`,
    `host: ${bytes(1 + below(20))}${crlf}`,
    `host: y${crlf}host: z${crlf}`,
    `x-api-key: other${crlf}`,
    `connection: ${oneOf(['close, keep-alive', 'upgrade', bytes(5), ','])}${crlf}`,
    `upgrade: websocket${crlf}connection: upgrade${crlf}`,
    `expect: ${oneOf(['100-continue', 'nothing', bytes(8)])}${crlf}`,
    `prefer: ${oneOf(['wait', 'wait=', 'wait=-1', 'wait=1e9', 'wait=0;x="', bytes(20)])}${crlf}`,
    `accept: ${oneOf([',', ';q=', '*', '*/*;q=9', bytes(20)])}${crlf}`,
    `traceparent: ${oneOf(['00', '00-0-0-0', bytes(55)])}${crlf}`,
    `x-forwarded-for: ${oneOf([',', '::', '[', bytes(20)])}${crlf}`,
    `x-request-id: ${bytes(1 + below(300))}${crlf}`,
  ]);
}
