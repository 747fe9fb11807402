import { budgetHolds } from '../../../common/tuning/memory-budget.ts'
import { budgetOf } from '../recommend/budget.ts'
import { recommend } from '../recommend/recommend.ts'
import type { Situation } from '../recommend/situation.ts'
import type { Advised } from './advised.ts'
import { memorySettings } from './constants.ts'
import { keepWhatIsSet } from './keep-what-is-set.ts'
import type { Known } from './keep-what-is-set.ts'
import { outcomeOf } from './outcome.ts'

/** What the machine gives, with what has been set here in its place, unless the memory does not hold that. */
export function keptBaseline(
  situation: Situation,
  known: Omit<Known, 'server'>,
): { readonly advised: readonly Advised[]; readonly notes: readonly string[] } {
  const { server } = situation
  // Whether connections run out a rule says, which knows more of it than the largest number that there ever was.
  const isKnown = known.hours > 0
  const alone = isKnown ? { ...situation, server: { ...server, peakConnections: null } } : situation
  const { proposals, unchanged, notes } = recommend(alone)
  const baseline: readonly Advised[] = [...proposals, ...unchanged]
  const kept = keepWhatIsSet(baseline, { ...known, server })
  const { load, sizes } = outcomeOf(situation, kept, 0)
  if (budgetHolds(budgetOf(load, sizes))) return { advised: kept, notes }
  const advised = kept.map((one, index) => (memorySettings.has(one.parameter) ? baseline[index]! : one))
  return { advised, notes }
}
