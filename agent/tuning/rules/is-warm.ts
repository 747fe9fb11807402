import type { Evidence } from '../evidence/evidence.ts'

/** Judgement: what a server does until its caches are filled says little about it. */
const warmAfterHours = 1

/** Whether the server has been up long enough for its rates and ratios to count. */
export function isWarm({ hoursSinceStart }: Pick<Evidence, 'hoursSinceStart'>): boolean {
  return hoursSinceStart >= warmAfterHours
}
