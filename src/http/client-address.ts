/** The address of the client, taken from the connection and, behind proxies that are trusted, by `X-Forwarded-For`. */
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { TransportConfig } from '../config/config.js';

/** What a request tells of where it came from. */
interface Received {
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: IncomingHttpHeaders;
}

/** @returns a function that reads each request's client; `unknown` where the connection is gone */
export function clientAddress(trustProxy: TransportConfig['trustProxy']) {
  const isTrusted = trustOf(trustProxy);
  return ({ socket, headers }: Received): string => {
    const peer = plain(socket.remoteAddress ?? 'unknown');
    if (trustProxy === undefined) return peer;
    const forwarded = headers['x-forwarded-for'];
    const addresses = String(forwarded ?? '').split(',');
    let client = peer;
    // Each proxy adds whom it heard from behind the rest: read from the end, as far as the one that wrote it is trusted.
    for (let hop = 0; isTrusted(client, hop); hop += 1) {
      const next = plain(addresses.at(-1 - hop)?.trim() ?? '');
      if (isIP(next) === 0) break;
      client = next;
    }
    return client;
  };
}

function trustOf(trustProxy: TransportConfig['trustProxy']) {
  if (typeof trustProxy === 'number') return (_: string, hop: number) => hop < trustProxy;
  const isNear = networksOf(trustProxy ?? []);
  return (address: string) => isNear(address);
}

/** Without the IPv6 clothes of an IPv4 address, the zone, and the port that some proxies add. */
function plain(address: string): string {
  if (isIPv4(address)) return address;
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return bare.replace(/^\[([^\]]*)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
}

/**
 * @param cidrs an address counts as the network of itself alone
 * @returns a function that tells whether an address is in one of the networks
 */
export function networksOf(cidrs: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/');
    const family = familyOf(address);
    list.addSubnet(
      address,
      bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits),
      family,
    );
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
