import { compareWithServer } from '../recommend/compare-with-server.ts'
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
  { server, nowMs }: { readonly server: KnownServer; readonly nowMs: number },
): Sifted {
  const notes: string[] = []
  const left = advised.filter((one) => {
    const { parameter, rule, proposed } = one
    const own = changes.filter(({ name }) => name === parameter).map(({ atMs }) => atMs)
    if (urgentRules.has(rule) || own.length === 0) return true
    // What is as it should be has nothing to rest from.
    if (one.scope === undefined && compareWithServer(server, [one]).unchanged.length > 0) return true
    const isRestart = server.settings.get(parameter)?.context === 'postmaster'
    const rest = isRestart ? constants.restHoursOfRestart : constants.restHours
    const passed = (nowMs - Math.max(...own)) / hourMs
    if (passed >= rest) return true
    notes.push(
      `${parameter} was changed ${passed < 1 ? 'less than an hour' : `${Math.floor(passed)} h`} ago and rests for ${rest} h, until what it does shows (${rule} would have ${proposed})`,
    )
    return false
  })
  return { advised: left, notes }
}
