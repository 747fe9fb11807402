import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'

/** Something that is measured at each interval: a PostgreSQL server, the host. */
export interface Source extends AsyncDisposable {
  /** Labels of all its series; `job` among them. */
  readonly labels: Readonly<Record<string, string>>
  /** What says that it is down, for when it does not even say so itself. */
  readonly whenHung?: () => readonly SampleTable[]
  /** Measures once. A source that is down says so instead of throwing. */
  measure(round: Round): Promise<Measurement>
}

/** One scrape of one source. */
export interface Round {
  /** The scheduled time, which its samples will carry. */
  readonly timestampMs: number
  readonly timeoutMs: number
  /** Milliseconds until the deadline; 0 when it has passed. */
  remainingMs(): number
}

export interface Measurement {
  readonly up: boolean
  /** What is told in any case, however many series the agent has: what says that something is up, and how old it is. */
  readonly essential?: readonly SampleTable[]
  /**
   * Whatever is not in here has ended: a source that is down gives only what says so. The very same table as before is
   * a result that is used again; see `BatchWriter`.
   */
  readonly tables: readonly SampleTable[]
}

/** A round that begins now. */
export function beginRound(timestampMs: number, timeoutMs: number, clock: Clock): Round {
  const startedMs = clock.monotonic()
  return {
    timestampMs,
    timeoutMs,
    remainingMs: () => Math.max(0, timeoutMs - (clock.monotonic() - startedMs)),
  }
}

/** @throws PgherdError TIMED_OUT when the deadline has passed */
export function remainingOf(round: Round): number {
  const ms = round.remainingMs()
  if (ms <= 0) throw new PgherdError('TIMED_OUT', 'the deadline of the scrape has passed')
  return ms
}
