import { z } from 'zod'

/** What one run of Vitest came to, as the reporter beside this file writes it. */
export const outcome = z.object({
  passed: z.number(),
  failed: z.number(),
  /** Tests among the passed ones that failed at first, where `--retry` asked for a second try. */
  retried: z.array(z.string()),
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
    retried: outcomes.flatMap((one) => one.retried),
    skipped: outcomes.flatMap((one) => one.skipped),
  }
}

/** What needed a second try, each skipped test with its reason, and the line that everybody looks at last. */
export function summary({ passed, failed, retried, skipped }: Outcome): string {
  const reasons = Map.groupBy(skipped, (one) => one.why)
  const lines = [...reasons].flatMap(([why, tests]) => [
    `skipped (${why}):`,
    ...tests.map(({ test }) => `  ${test}`),
  ])
  const seconds = retried.length === 0 ? [] : ['failed at first:', ...retried.map((test) => `  ${test}`)]
  return [...seconds, ...lines, `${passed} passed, ${failed} failed, ${skipped.length} skipped`].join('\n')
}
