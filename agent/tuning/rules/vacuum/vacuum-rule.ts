import { isWarm } from '../is-warm.ts'
import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'
import { holdersOf, wasHeld } from './is-held.ts'
import { isEmergency } from './wraparound-emergency.ts'

/** A rule of vacuum that waits where a setting could not help, because somebody holds the horizon, or where another comes first. */
export function vacuumRule(rule: Rule): Rule {
  return {
    ...rule,
    advise(input) {
      const { evidence } = input
      const canHelp = !evidence.inRecovery && holdersOf(input).length === 0 && !wasHeld(input)
      return canHelp && isWarm(evidence) && !isEmergency(input) ? rule.advise(input) : nothing
    },
  }
}
