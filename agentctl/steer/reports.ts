import type { ActionDescription } from '../../common/command/action-description.ts'
import { argumentsOf } from './parse-arguments.ts'

/** What `agentctl show` is told by name. */
export interface Report {
  /** As people write it, such as `locks` or `pgbouncer-pools`. */
  readonly name: string
  /** The action that makes it. */
  readonly action: ActionDescription
  /** Its `report` argument. */
  readonly argument: string
}

/** Actions with reports, and what stands before their names: servers and poolers both have databases and settings. */
const prefixes: Readonly<Record<string, string>> = { show: '', 'pgbouncer-show': 'pgbouncer-' }

/** The reports that an agent has, those of servers first. */
export function reportsOf(actions: readonly ActionDescription[]): readonly Report[] {
  return Object.entries(prefixes).flatMap(([kind, prefix]) => {
    const action = actions.find((one) => one.kind === kind)
    if (action === undefined) return []
    const choices = argumentsOf(action).find(({ name }) => name === 'report')?.choices ?? []
    return choices.map((argument) => ({ name: `${prefix}${argument}`, action, argument }))
  })
}
