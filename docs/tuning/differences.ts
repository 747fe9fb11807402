import { isSameSetting } from '../../agent/postgres/setting-value.ts'
import { settingsOf } from '../../agent/tuning/recommend/settings-by-major.ts'
import { printValue } from '../../agent/tuning/recommend/print-value.ts'
import { recommend } from '../../agent/tuning/recommend/recommend.ts'
import { situationOf, tools } from './reference-machines.ts'
import type { ReferenceMachine, Tool } from './reference-machines.ts'

/** What a tool has on machines where it is not the same as ours. */
export interface Difference {
  readonly parameter: string
  readonly tool: Tool
  readonly machine: string
  readonly theirs: string
  readonly ours: string
}

/** Of settings that the baseline does not have: the defaults that a tool says all the same. Source: the manual, 14 to 18. */
const defaults = new Map([
  ['autovacuum_naptime', '1min'],
  ['idle_in_transaction_session_timeout', '0'],
  ['wal_receiver_timeout', '60s'],
])

/** Every value of the baseline that is not what a tool gives for the same machine; what one does not set is the default of its version. */
export function differencesOf(machines: readonly ReferenceMachine[]): readonly Difference[] {
  return machines.flatMap((reference) => {
    const ours = valuesOf(reference)
    const settings = settingsOf(reference.major)
    return tools.flatMap((tool) => {
      const others = reference.others[tool]
      const names = new Set([...ours.keys(), ...others.keys()])
      return [...names].flatMap((parameter): readonly Difference[] => {
        const setting = settings.get(parameter)
        const usual = setting === undefined ? defaults.get(parameter) : printValue(setting)
        const [own, their] = [ours.get(parameter) ?? usual, others.get(parameter) ?? usual]
        const isSame =
          own !== undefined &&
          their !== undefined &&
          (own === their || (setting !== undefined && isSameSetting(own, their, setting)))
        if (isSame) return []
        return [
          { parameter, tool, machine: reference.name, theirs: their ?? 'not set', ours: own ?? 'not set' },
        ]
      })
    })
  })
}

/** Ours for a machine, also where it is what a new cluster has anyway. */
export function valuesOf(reference: ReferenceMachine): ReadonlyMap<string, string> {
  const { proposals, unchanged } = recommend(situationOf(reference))
  return new Map([...proposals, ...unchanged].map(({ parameter, proposed }) => [parameter, proposed]))
}
