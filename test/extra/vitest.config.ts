/** The slow tests that need more than Node: a browser, a built package. `npm run test:extra`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/extra/**/*.test.ts'],
    pool: 'forks',
    // Worker threads and spawned CLIs run the TypeScript sources under test, not a stale build.
    execArgv: ['--import', 'tsx'],
    // One file at a time: a training beside a browser makes the one's waits run out.
    fileParallelism: false,
    // A browser on a loaded machine may miss a key once; what is broken fails three times.
    retry: 2,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
