import { budgetHolds } from '../../../common/tuning/memory-budget.ts'
import type { MemoryBudget } from '../../../common/tuning/memory-budget.ts'
import { aligned } from '../../../common/tuning/present/aligned.ts'
import { presentBudget } from '../../../common/tuning/present/present-budget.ts'
import { printAbout } from '../../../common/tuning/print-size.ts'
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

/** In one line, for a comment. */
export function summaryOf(budget: MemoryBudget): string {
  const [total] = budget.limits
  return `memory in the worst case: ${printAbout(total!.bytes)} of ${printAbout(budget.memoryBytes)}, ${budgetHolds(budget) ? 'which it holds' : 'which it does not hold'}`
}
