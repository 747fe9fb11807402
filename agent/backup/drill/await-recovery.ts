import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun } from '../engine.ts'
import { readPoint } from './recovery-point.ts'
import type { RecoveryPoint } from './recovery-point.ts'
import { checkReached, describeTarget } from './recovery-end.ts'
import type { RecoveryAsked } from './recovery-end.ts'
import { recoveryFailure } from './recovery-failure.ts'
import { emptyRecoveryLog, withLine } from './recovery-log.ts'
import type { RecoveryLog } from './recovery-log.ts'
import type { ScratchServer } from './scratch-server.ts'
import { parseSegment } from '../engine/segments.ts'

export interface AwaitRecoveryOptions extends Pick<EngineRun, 'signal' | 'progress'> {
  /** A role that may do everything there. */
  readonly superuser: string
  readonly timeoutMs: number
  readonly clock: Clock
}

/** What has to be changed before another attempt can get further. */
export interface NeedsMore {
  /** Settings that must be as high as on the server that was backed up. */
  readonly tooLow: ReadonlyMap<string, number>
  readonly needsModule: boolean
}

const lookMs = 100
const tellMs = 2_000

/**
 * Follows a server's recovery until it is at its target, where it waits or is open for writing.
 * @returns where it is, proven; or what its settings lack
 * @throws BackupFailure target-unreachable, archive-gap, timed-out or what else keeps it from getting there; CANCELLED
 */
export async function awaitRecovery(
  server: ScratchServer,
  asked: RecoveryAsked,
  options: AwaitRecoveryOptions,
): Promise<RecoveryPoint | NeedsMore> {
  const { clock, signal, timeoutMs, progress } = options
  const startMs = clock.monotonic()
  let log = emptyRecoveryLog
  let first: string | null = null
  let toldMs = -Infinity
  for (;;) {
    // Before its last lines are read: then those are all.
    const ending = server.ending()
    for (const line of await server.newLines()) log = withLine(log, line)
    first ??= log.restoredSegment
    if (log.tooLow.size > 0 || (log.needsModule && ending !== undefined)) {
      return { tooLow: log.tooLow, needsModule: log.needsModule }
    }
    if (ending !== undefined) throw recoveryFailure(asked, log, ending)
    if (log.isOpen || (log.isPaused && log.takesReaders)) {
      const point = await pointAt(server, log, options)
      checkReached(asked, log, point.lsn)
      return point
    }
    signal.throwIfAborted()
    if (clock.monotonic() - startMs > timeoutMs) {
      throw new BackupFailure(
        'timed-out',
        `${describeTarget(asked.target)} was not reached within ${Math.round(timeoutMs / 1000)} s${sofar(log)}`,
      )
    }
    if (progress !== undefined && clock.monotonic() - toldMs >= tellMs) {
      toldMs = clock.monotonic()
      progress(percentOf(asked, first, log), `replays the log${sofar(log)}`, null)
    }
    await clock.sleep(lookMs, signal)
  }
}

async function pointAt(
  server: ScratchServer,
  log: RecoveryLog,
  { superuser, clock }: AwaitRecoveryOptions,
): Promise<RecoveryPoint> {
  try {
    return await readPoint(server, log, { superuser, clock })
  } catch (error) {
    const code = error instanceof PgherdError ? error.code : 'INTERNAL'
    throw new BackupFailure(
      'check-failed',
      `the restored server is at its target and cannot be asked: ${messageOf(error)}`,
      { cause: error, details: { code } },
    )
  }
}

function sofar({ restoredSegment, isConsistent }: RecoveryLog): string {
  const what = restoredSegment === null ? '' : `, now segment ${restoredSegment}`
  return isConsistent ? what : `${what}, not yet consistent`
}

/** By the segments between the first that was needed and the last that there is. */
function percentOf(asked: RecoveryAsked, first: string | null, log: RecoveryLog): number | null {
  const last = asked.segments.at(-1)
  if (asked.target.kind !== 'latest' || last === undefined) return null
  if (first === null || log.restoredSegment === null) return 0
  const [from, now, to] = [first, log.restoredSegment, last].map(
    (name) => parseSegment(name, asked.segmentBytes).number,
  ) as [number, number, number]
  return to <= from ? null : Math.min(100, ((now - from) / (to - from)) * 100)
}
