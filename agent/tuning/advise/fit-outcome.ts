import { budgetHolds } from '../../../common/tuning/memory-budget.ts'
import type { MemoryBudget } from '../../../common/tuning/memory-budget.ts'
import { printAbout, printSetting } from '../../../common/tuning/print-size.ts'
import { budgetOf } from '../recommend/budget.ts'
import { draft } from '../recommend/draft.ts'
import { fitSizes } from '../recommend/fit-sizes.ts'
import type { Sizes } from '../recommend/load.ts'
import type { Situation } from '../recommend/situation.ts'
import type { Advised, Sifted } from './advised.ts'
import { memorySettings } from './constants.ts'
import { directionOf } from './direction.ts'
import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'

export interface Fitted extends Sifted {
  /** Of the server with all of it. */
  readonly budget: MemoryBudget
  readonly outcome: Outcome
}

const nameOf: Readonly<Record<keyof Sizes, string>> = {
  workMem: 'work_mem',
  maintenance: 'maintenance_work_mem',
  autovacuum: 'autovacuum_work_mem',
  sharedBuffers: 'shared_buffers',
}

/**
 * Makes what is advised fit into the memory, together with what stays: sizes become smaller in the order of the baseline, work_mem first, and where
 * that is not enough what would be more of everything else is left out. Each is said.
 */
export function fitOutcome(situation: Situation, advised: readonly Advised[], decoders: number): Fitted {
  const { load, sizes } = outcomeOf(situation, advised, decoders)
  const fitting = fitSizes(load, sizes)
  const budget = budgetOf(load, fitting)
  const raise = budgetHolds(budget) ? undefined : lastRaise(situation, advised)
  if (raise !== undefined) {
    const less = fitOutcome(
      situation,
      advised.filter((one) => one !== raise),
      decoders,
    )
    const note = `${raise.parameter} stays: ${raise.proposed} (${raise.rule}) do not fit into ${printAbout(load.memoryBytes)} of memory`
    return { ...less, notes: [...less.notes, note] }
  }
  const notes = budgetHolds(budget)
    ? []
    : [
        `${printAbout(load.memoryBytes)} of memory do not hold ${load.connections} connections with even the smallest sizes: fewer of them behind pgBouncer, or more memory`,
      ]
  return { advised: withSizes(advised, sizes, fitting), budget, outcome: { load, sizes: fitting }, notes }
}

/** What else would take more memory than now; what no rule has seen a need for goes first. */
function lastRaise({ server }: Situation, advised: readonly Advised[]): Advised | undefined {
  const sizes = new Set(Object.values(nameOf))
  const raises = advised.filter(({ parameter, proposed, scope }) => {
    const setting = server.settings.get(parameter)
    if (scope !== undefined || sizes.has(parameter) || !memorySettings.has(parameter)) return false
    return setting !== undefined && directionOf(setting, proposed) === 'up'
  })
  return raises.find(({ rule }) => rule.startsWith('baseline.')) ?? raises.at(-1)
}

function withSizes(advised: readonly Advised[], sizes: Sizes, fitting: Sizes): readonly Advised[] {
  let all = advised
  for (const key of ['workMem', 'maintenance', 'autovacuum', 'sharedBuffers'] as const) {
    if (fitting[key] === sizes[key]) continue
    const parameter = nameOf[key]
    const proposed = printSetting(fitting[key])
    const was = all.find((one) => one.parameter === parameter && one.scope === undefined)
    const why = `${printSetting(sizes[key])} do not fit into the memory budget of all that is set and proposed`
    const smaller: Advised =
      was === undefined
        ? {
            ...draft(parameter, proposed, {
              reason: why,
              evidence: 'the memory budget',
              risk: 'what needs more of it goes to disk, and is slower',
              effect: 'the worst case fits into the memory',
              confidence: 'medium',
            }),
            rule: 'budget',
          }
        : { ...was, proposed, reason: `${was.reason}; ${why}` }
    all = [...all.filter((one) => one !== was), smaller]
  }
  return all
}
