import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/extra/**', 'node_modules/**', 'dist/**'],
    pool: 'forks',
    // Worker threads and spawned CLIs run the TypeScript sources under test, not a stale build.
    execArgv: ['--import', 'tsx'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
