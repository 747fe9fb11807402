import { z } from 'zod'

/** What one run of Vitest came to, as the reporter beside this file writes it. */
export const outcome = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.array(z.object({ test: z.string(), why: z.string() })),
})

export type Outcome = z.infer<typeof outcome>

/** The variable with the name of the file that the reporter writes. */
export const outcomeVariable = 'PGHERD_TEST_OUTCOME'

/** The sum of several runs. */
export function total(outcomes: readonly Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((sum, one) => sum + one.passed, 0),
    failed: outcomes.reduce((sum, one) => sum + one.failed, 0),
    skipped: outcomes.flatMap((one) => one.skipped),
  }
}

/** Each skipped test with its reason, and the line that everybody looks at last. */
export function summary({ passed, failed, skipped }: Outcome): string {
  const reasons = Map.groupBy(skipped, (one) => one.why)
  const lines = [...reasons].flatMap(([why, tests]) => [
    `skipped (${why}):`,
    ...tests.map(({ test }) => `  ${test}`),
  ])
  return [...lines, `${passed} passed, ${failed} failed, ${skipped.length} skipped`].join('\n')
}
