/** What Node gives a primary process and its workers is a channel of keys as it stands. */
import type { Worker } from 'node:cluster';
import { expectTypeOf, it } from 'vitest';
import type { KeyChannel } from '../../src/security/key-sharing.js';

it('is a worker of node:cluster at one end, and the process itself at the other', () => {
  expectTypeOf<Worker>().toExtend<KeyChannel>();
  expectTypeOf<NodeJS.Process>().toExtend<KeyChannel>();
});
