import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/clients/*.clients.ts'],
    globalSetup: ['tests/support/postgres.ts', 'tests/support/printed-run.ts'],
    setupFiles: ['tests/support/printed.ts'],
    testTimeout: 240_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: ['verbose'],
  },
});
