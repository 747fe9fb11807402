import { budgetHolds } from '../../../common/tuning/memory-budget.ts'
import type { MemoryBudget } from '../../../common/tuning/memory-budget.ts'
import { printAbout, printShare } from '../../../common/tuning/print-size.ts'
import type { Recommendation } from '../recommend/recommend.ts'

/** A recommendation for a person. @param isLong - with the risk and the effect of each value */
export function present(
  { proposals, unchanged, budget, notes }: Recommendation,
  about: string,
  isLong: boolean,
): readonly string[] {
  const settings = proposals.map(({ parameter, proposed, needs, confidence }) => [
    parameter,
    proposed,
    needs,
    confidence,
  ])
  const lines = aligned([['SETTING', 'VALUE', 'NEEDS', 'CONFIDENCE'], ...settings], 3)
  return [
    about,
    '',
    `${lines[0] ?? ''}  REASON`,
    ...proposals.flatMap(({ reason, risk, effect }, index) => [
      `${lines[index + 1] ?? ''}  ${reason}`,
      ...(isLong ? [`    effect: ${effect}`, `    risk: ${risk}`] : []),
    ]),
    '',
    `Right as a new cluster has them: ${unchanged.map(({ parameter, proposed }) => `${parameter} ${proposed}`).join(', ')}`,
    '',
    ...presentBudget(budget),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `Note: ${note}.`)]),
  ]
}

/** What the settings can take of memory, and what they may. */
function presentBudget(budget: MemoryBudget): readonly string[] {
  const rows = budget.rows.map(({ what, bytes, share, counted }) => [
    what,
    printAbout(bytes),
    printShare(share),
    counted,
  ])
  const limits = budget.limits.map(({ what, bytes, share, atMost, holds }) => [
    what,
    printAbout(bytes),
    printShare(share),
    `${holds ? 'holds' : 'DOES NOT HOLD'}: at most ${printShare(atMost)}`,
  ])
  return aligned([['MEMORY, IN THE WORST CASE', 'SIZE', 'SHARE', 'HOW IT IS COUNTED'], ...rows, ...limits], 2)
}

/** @param lastPadded - the last column whose cells are made equally wide, counted from 0 */
function aligned(rows: readonly (readonly string[])[], lastPadded: number): readonly string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, cell.length)),
    [],
  )
  return rows.map((row) =>
    row.map((cell, index) => (index > lastPadded ? cell : cell.padEnd(widths[index] ?? 0))).join('  '),
  )
}

/** In one line, for a comment. */
export function summaryOf(budget: MemoryBudget): string {
  const [total] = budget.limits
  return `memory in the worst case: ${printAbout(total!.bytes)} of ${printAbout(budget.memoryBytes)}, ${budgetHolds(budget) ? 'which it holds' : 'which it does not hold'}`
}
