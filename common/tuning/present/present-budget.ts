import type { MemoryBudget } from '../memory-budget.ts'
import { printAbout, printShare } from '../print-size.ts'
import { withProse } from './with-prose.ts'

/** What the settings can take of memory, and what they may. */
export function presentBudget({ rows, limits }: MemoryBudget, width = Infinity): readonly string[] {
  return withProse(
    [
      ['MEMORY, IN THE WORST CASE', 'SIZE', 'SHARE', 'HOW IT IS COUNTED'],
      ...rows.map(({ what, bytes, share, counted }) => [what, printAbout(bytes), printShare(share), counted]),
      ...limits.map(({ what, bytes, share, atMost, holds }) => [
        what,
        printAbout(bytes),
        printShare(share),
        `${holds ? 'holds' : 'DOES NOT HOLD'}: at most ${printShare(atMost)}`,
      ]),
    ],
    width,
  )
}
