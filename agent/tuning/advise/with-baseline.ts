import type { KnownServer, KnownSetting } from '../recommend/known-server.ts'
import type { Advised } from './advised.ts'
import { subjectOf } from './advised.ts'
import { measuredSettings } from './constants.ts'
import { directionOf, numberOf } from './direction.ts'

/**
 * Rules and baseline as one list: what a rule has seen counts before what the machine gives. Where both go the same way and the baseline
 * further, its value is taken, because that is where a server begins and the rule only says that there is too little; except where the rule has
 * measured how much is needed.
 */
export function withBaseline(
  advised: readonly Advised[],
  baseline: readonly Advised[],
  { settings }: Pick<KnownServer, 'settings'>,
): readonly Advised[] {
  const byRule = new Map(advised.map((one) => [subjectOf(one), one]))
  const replaced = baseline.map((one) => {
    const rule = byRule.get(subjectOf(one))
    byRule.delete(subjectOf(one))
    const setting = settings.get(one.parameter)
    return rule === undefined || setting === undefined ? (rule ?? one) : together(setting, rule, one)
  })
  return [...replaced, ...byRule.values()]
}

function together(setting: KnownSetting, rule: Advised, base: Advised): Advised {
  const [wanted, machine] = [rule, base].map(({ proposed }) => numberOf(setting, proposed))
  const way = directionOf(setting, rule.proposed)
  const baseWay = directionOf(setting, base.proposed)
  if (baseWay === 'same' || wanted === machine || rule.proposed === base.proposed) return rule
  const isFurther =
    way === baseWay &&
    (way === 'up' || way === 'down') &&
    (way === 'up' ? machine! > wanted! : machine! < wanted!)
  if (isFurther && !measuredSettings.has(rule.parameter)) {
    return {
      ...rule,
      proposed: base.proposed,
      reason: `${rule.reason}; ${base.proposed} is where a server on this machine begins (${base.reason})`,
    }
  }
  const alone = base.proposed === '-1' ? 'leave it to PostgreSQL' : `give ${base.proposed}`
  return { ...rule, reason: `${rule.reason}; the machine alone would ${alone}` }
}
