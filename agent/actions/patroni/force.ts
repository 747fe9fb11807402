import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'

/** Arguments that all operations through Patroni have. */
export const forced = {
  scope: z
    .string()
    .max(256)
    .optional()
    .describe(
      'the name that Patroni has for the cluster; another one is refused, and of several it tells which',
    ),
  force: z
    .boolean()
    .default(false)
    .describe('do it although something speaks against it; the result says what'),
}

/** Half a sentence that goes into the result, and so into the audit: what was overridden. @throws PgherdError REFUSED unless forced */
export function unlessForced(problems: readonly string[], force: boolean): string {
  if (problems.length === 0) return ''
  const all = problems.join('; ')
  if (!force)
    throw new PgherdError('REFUSED', `It would not be safe: ${all}. Nothing was done (force=true overrides).`)
  return ` Forced against: ${all}.`
}

/** Lines of a plan. */
export function planProblems(problems: readonly string[], force: boolean): readonly string[] {
  if (problems.length === 0) return ['nothing speaks against it']
  const head = force ? 'FORCED against' : 'REFUSED unless force=true'
  return problems.map((problem) => `${head}: ${problem}`)
}
