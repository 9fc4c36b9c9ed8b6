import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Packages of the workspace are tested from their sources, not from the last build.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/postgres.ts', 'tests/support/printed-run.ts'],
    setupFiles: ['tests/support/printed.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    typecheck: { enabled: true, include: ['tests/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
  },
});
