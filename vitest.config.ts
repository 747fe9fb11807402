import { defineConfig } from 'vitest/config'

/**
 * `unit` needs nothing but Node, `pg` real PostgreSQL servers, `system` whole programs as processes. `drill` takes
 * long and is not part of `npm test`: its files have commands of their own, which CI runs.
 */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.pg.test.ts', 'test/system/**', 'test/drill/**'],
          setupFiles: ['test/patience.ts'],
          expect: { poll: { timeout: 10_000 } },
          // Some compute for a second or two, and for several where the machine is busy.
          testTimeout: 20_000,
          // Vitest leaves one processor to itself, which is idle here.
          maxWorkers: '100%',
        },
      },
      {
        extends: true,
        test: {
          name: 'pg',
          include: ['test/**/*.pg.test.ts'],
          expect: { poll: { timeout: 10_000 } },
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Each file has servers of its own; most of its time it waits for them.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          // What a page shows may take a while on a busy machine; a condition that never comes fails all the same.
          expect: { poll: { timeout: 15_000 } },
          include: ['test/system/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each file has programs, ports and directories of its own; half of its time it waits for them.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'drill',
          include: ['test/drill/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
