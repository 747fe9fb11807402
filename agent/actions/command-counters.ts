import type { CommandOutcome } from '../../common/command/result.ts'
import type { RefusalReason } from './refusal.ts'

/** What has become of commands since the agent's start. */
export interface CommandCounters {
  ended(outcome: CommandOutcome): void
  refused(reason: RefusalReason): void
  /** One that was here before came again, and was answered from the journal. */
  repeated(): void
  /** Too many at once: the collector has to send it again. */
  dropped(): void
  readonly outcomes: Readonly<Partial<Record<CommandOutcome, number>>>
  readonly refusals: Readonly<Partial<Record<RefusalReason, number>>>
  readonly repeats: number
  readonly drops: number
}

export function createCommandCounters(): CommandCounters {
  const outcomes: Partial<Record<CommandOutcome, number>> = {}
  const refusals: Partial<Record<RefusalReason, number>> = {}
  let repeats = 0
  let drops = 0
  return {
    outcomes,
    refusals,
    get repeats() {
      return repeats
    },
    get drops() {
      return drops
    },
    ended(outcome) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    },
    refused(reason) {
      refusals[reason] = (refusals[reason] ?? 0) + 1
    },
    repeated() {
      repeats++
    },
    dropped() {
      drops++
    },
  }
}
