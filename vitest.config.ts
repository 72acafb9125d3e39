import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Real servers, browsers and databases on machines that may be busy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One worker less than cores would be one worker on two cores, and tests mostly wait.
    maxWorkers: Math.max(2, availableParallelism()),
    // Jobs under test print; it is shown for the tests that fail.
    silent: 'passed-only',
  },
})
