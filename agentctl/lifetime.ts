import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../common/config/kinds.ts'

/** A parser of durations within bounds, milliseconds. */
export function lifetime(allowed: string, minMs: number, maxMs: number): (given: string) => number {
  return (given) => {
    const ms = parseDuration(given)
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms
    throw new InvalidArgumentError(`allowed: ${allowed}`)
  }
}
