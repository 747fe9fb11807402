import type { Clock } from '../../../common/clock.ts'
import type { EngineRun } from '../engine.ts'
import { createRate } from './rate.ts'

const units: Readonly<Record<string, number>> = { B: 0, KB: 1, MB: 2, GB: 3, TB: 4, PB: 5 }

/** `... (bundle 1/24576, 8.3KB, 12.34%)`: the size of a file and how much of all is done with it. */
const file = /([\d.]+)(B|KB|MB|GB|TB|PB), ([\d.]+)%\)/

/** A line of pgBackRest's log about a file that was backed up or restored; undefined for any other. */
export function parseProgress(
  line: string,
): { readonly bytes: number; readonly percent: number } | undefined {
  const [, size, unit = '', percent] = file.exec(line) ?? []
  if (size === undefined || percent === undefined) return undefined
  // pgBackRest counts in steps of 1024.
  return { bytes: Number(size) * 1024 ** units[unit]!, percent: Math.min(100, Number(percent)) }
}

const tellMs = 500

/**
 * Tells of a backup or a restore by the lines of its log, twice a second at most. The rate is that of the last ten seconds, from
 * sizes that pgBackRest rounds to a tenth of their unit.
 */
export function createProgress(
  clock: Clock,
  doing: string,
  tell: EngineRun['progress'],
): (line: string) => void {
  const rateOf = createRate(clock)
  let bytes = 0
  let toldMs = -Infinity
  return (line) => {
    const seen = parseProgress(line)
    if (seen === undefined || tell === undefined) return
    bytes += seen.bytes
    const atMs = clock.monotonic()
    if (atMs - toldMs < tellMs) return
    toldMs = atMs
    tell(seen.percent, doing, rateOf(bytes))
  }
}
