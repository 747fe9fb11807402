import type { KnownServer, KnownSetting } from '../recommend/known-server.ts'
import { printValue } from '../recommend/print-value.ts'
import type { Advised } from './advised.ts'
import { constants, moreWhenSmaller } from './constants.ts'
import { directionOf } from './direction.ts'
import type { RecentChange } from './resting.ts'

export interface Known {
  readonly server: Pick<KnownServer, 'settings'>
  /** Of history. */
  readonly hours: number
  /** All that this agent has changed and kept, as far back as it knows. */
  readonly changes: readonly RecentChange[]
}

/**
 * The baseline, with what is set in place of what would take back a change of this agent, or, where a day of history says nothing
 * against it, a value that somebody has set; without that day what would take it back has low confidence. What goes on from there is still
 * proposed.
 */
export function keepWhatIsSet(baseline: readonly Advised[], known: Known): readonly Advised[] {
  return baseline.map((one) => {
    const setting = known.server.settings.get(one.parameter)
    if (setting === undefined || !takesBack(setting, one)) return one
    const why = whyKept(setting, one.parameter, known)
    if (why === undefined) return setting.isSet === true ? doubted(one, setting) : one
    const proposed = printValue(setting)
    return { ...one, proposed, reason: `${why}; the machine alone would give ${one.proposed}` }
  })
}

/** Somebody has chosen the value, and nothing says yet that it is wrong. */
function doubted(one: Advised, setting: KnownSetting): Advised {
  const reason = `${one.reason}; ${printValue(setting)} is set here, which a day of history would tell more of`
  return { ...one, reason, confidence: 'low' }
}

function whyKept(setting: KnownSetting, name: string, { hours, changes }: Known): string | undefined {
  if (changes.some((change) => change.name === name)) return `${printValue(setting)} was set by an advice`
  if (setting.isSet !== true || hours < constants.fullWindowHours) return undefined
  return `${printValue(setting)} is set here, and nothing in ${Math.round(hours)} h of history speaks against it`
}

function takesBack(setting: KnownSetting, { parameter, proposed }: Advised): boolean {
  // A list of libraries only grows.
  if (setting.vartype === 'string') return false
  const direction = directionOf(setting, proposed)
  if (direction === 'same') return false
  return direction === 'other' || (moreWhenSmaller.has(parameter) ? direction === 'up' : direction === 'down')
}
