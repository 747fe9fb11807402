import type { KnownServer } from '../recommend/known-server.ts'
import type { Advised, Sifted } from './advised.ts'
import { constants, urgentRules } from './constants.ts'

/** A setting that this agent has changed, and when. */
export interface RecentChange {
  readonly name: string
  readonly atMs: number
}

const hourMs = 3_600_000

/** Leaves out what was changed so recently that nobody has seen yet what it does. What cannot wait does not rest. */
export function letRest(
  advised: readonly Advised[],
  changes: readonly RecentChange[],
  { server, nowMs }: { readonly server: Pick<KnownServer, 'settings'>; readonly nowMs: number },
): Sifted {
  const notes: string[] = []
  const left = advised.filter(({ parameter, rule, proposed }) => {
    if (urgentRules.has(rule)) return true
    const last = Math.max(
      ...changes.filter(({ name }) => name === parameter).map(({ atMs }) => atMs),
      Number.NEGATIVE_INFINITY,
    )
    const isRestart = server.settings.get(parameter)?.context === 'postmaster'
    const rest = isRestart ? constants.restHoursOfRestart : constants.restHours
    const passed = (nowMs - last) / hourMs
    if (passed >= rest) return true
    notes.push(
      `${parameter} was changed ${passed < 1 ? 'less than an hour' : `${Math.floor(passed)} h`} ago and rests for ${rest} h, until what it does shows (${rule} would have ${proposed})`,
    )
    return false
  })
  return { advised: left, notes }
}
