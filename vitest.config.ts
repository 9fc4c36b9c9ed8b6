import { defineConfig } from 'vitest/config';

const printed = 'tests/support/printed.ts';
const processes = 'tests/**/*.process.test.ts';
// Packages of the workspace are tested from their sources, not from the last build.
const resolve = { tsconfigPaths: true };
const patience = { testTimeout: 20_000, hookTimeout: 60_000 };

/** `npm test` runs the quick ones, `npm run test:all` every project. */
export default defineConfig({
  test: {
    globalSetup: [
      'tests/support/built.ts',
      'tests/support/postgres.ts',
      'tests/support/printed-run.ts',
    ],
    maxWorkers: 2,
    // Pages are looked at side by side in one browser.
    maxConcurrency: 2,
    projects: [
      {
        // The service within the test's own process.
        resolve,
        test: {
          ...patience,
          name: 'quick',
          // Loading the service takes longer than most files take to test it: it is loaded once.
          isolate: false,
          include: ['tests/**/*.test.ts'],
          exclude: [processes],
          setupFiles: [printed, 'tests/support/no-processes.ts'],
        },
      },
      {
        // Whatever starts a process: the built service and its commands, PostgreSQL, compilers, a browser.
        resolve,
        test: { ...patience, name: 'process', include: [processes], setupFiles: [printed] },
      },
      {
        // As `tsc --noEmit` does, this fails on an error in any file of tsconfig.json.
        test: {
          name: 'types',
          include: [],
          typecheck: { enabled: true, only: true, include: ['tests/**/*.test-d.ts'] },
        },
      },
    ],
  },
});
