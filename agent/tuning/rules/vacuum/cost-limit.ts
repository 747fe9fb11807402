import { settingOf } from '../../recommend/situation.ts'
import type { Situation } from '../../recommend/situation.ts'
import { constants } from './constants.ts'

/** The limit that all processes of autovacuum share; -1 of it is that of VACUUM by hand. */
export function costLimitOf(situation: Pick<Situation, 'server'>): number {
  const own = settingOf(situation, 'autovacuum_vacuum_cost_limit') ?? -1
  return own > 0 ? own : (settingOf(situation, 'vacuum_cost_limit') ?? 200)
}

/** How much a limit lets all of them write, MB per second; undefined where nothing is limited. */
export function writtenPerSecond(situation: Pick<Situation, 'server'>, limit: number): number | undefined {
  const own = settingOf(situation, 'autovacuum_vacuum_cost_delay') ?? 2
  const delayMs = own >= 0 ? own : (settingOf(situation, 'vacuum_cost_delay') ?? 0)
  return delayMs > 0 ? (limit / constants.dirtyPageCost / delayMs) * (8 / 1024) * 1000 : undefined
}
