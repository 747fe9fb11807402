import { Option, InvalidArgumentError } from 'commander'
import type { Command } from 'commander'
import { lifetime } from '../lifetime.ts'

/** How a change is watched. */
export interface GuardOptions {
  /** As tune-apply has it: `15m`, or `0`. */
  readonly guard: string
  /** Such as 0.2 for 20 %. */
  readonly bound: number
  /** How long it looks before anything is changed, milliseconds. */
  readonly baseline: number
  readonly standbysAreReady?: boolean
}

/** Adds the options of a guard to a command. */
export function addGuardOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--guard <duration>', 'how long it is watched, such as 15m; 0 for no guard')
        .default('30m')
        .argParser(guarded),
    )
    .addOption(
      new Option('--bound <percent>', 'how much worse the server may do within the guard')
        .default(0.2, '20%')
        .argParser(percent),
    )
    .addOption(
      new Option('--baseline <duration>', 'how long is looked before anything is changed, to compare with')
        .default(20_000, '20s')
        .argParser(lifetime('1s to 10m, such as 1m', 1000, 600_000)),
    )
    .option('--standbys-are-ready', 'of a primary: its standbys have what they may not have less of than it')
}

/** The arguments of tune-apply that say how it is watched. */
export function guardArgs({
  guard,
  bound,
  baseline,
  standbysAreReady,
}: GuardOptions): Readonly<Record<string, unknown>> {
  return {
    guard,
    bound,
    baseline_s: Math.round(baseline / 1000),
    ...(standbysAreReady === true ? { standbys_are_ready: true } : {}),
  }
}

function percent(given: string): number {
  const value = Number(given.replace(/\s*%$/, ''))
  if (Number.isFinite(value) && value >= 1 && value <= 10_000) return value / 100
  throw new InvalidArgumentError('allowed: percent from 1% on, such as 20%')
}

/** As tune-apply has it. */
function guarded(given: string): string {
  if (given !== '0') lifetime('1s to 7d, such as 15m, or 0 for no guard', 1000, 7 * 86_400_000)(given)
  return given
}
