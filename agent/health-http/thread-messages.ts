import type { ErrorCode } from '../../common/errors.ts'
import type { InstanceHealth } from '../../common/health/instance-health.ts'
import type { HealthServerOptions } from './serve-health.ts'

/** What the thread that answers is started with, its workerData. */
export interface ThreadSetup extends Pick<
  HealthServerOptions,
  'address' | 'tls' | 'staleMs' | 'isCompatible'
> {
  readonly counts: SharedArrayBuffer
  /** What is known so far. */
  readonly states: StatesMessage
}

/** To the thread: the JSON of a ToldState for each server that has a new one. */
export type StatesMessage = readonly string[]

export interface ToldState {
  readonly health: InstanceHealth
  /** Until when the server's answer counts, milliseconds since the epoch; null while it was not asked yet. */
  readonly untilMs: number | null
}

/** From the thread, once: what became of listening. */
export type ListeningMessage =
  | { readonly kind: 'listening'; readonly url: string }
  | {
      readonly kind: 'failed'
      readonly code: ErrorCode
      readonly message: string
      readonly cause: string | undefined
    }

const answered = 0
const available = 1

/** Answers so far, in memory that both threads see. */
export const countsBytes = 2 * BigUint64Array.BYTES_PER_ELEMENT

export function countAnswer(counts: BigUint64Array<SharedArrayBuffer>, status: number): void {
  Atomics.add(counts, answered, 1n)
  if (status === 200) Atomics.add(counts, available, 1n)
}

export function readCounts(counts: BigUint64Array<SharedArrayBuffer>): {
  readonly answered: number
  readonly available: number
} {
  return {
    answered: Number(Atomics.load(counts, answered)),
    available: Number(Atomics.load(counts, available)),
  }
}
