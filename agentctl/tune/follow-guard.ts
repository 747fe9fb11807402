import { PgherdError } from '../../common/errors.ts'
import type { ErrorCode } from '../../common/errors.ts'
import type { GuardReading, TuneChange } from '../../common/tuning/tune-change.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import { printAge, printable } from '../terminal.ts'
import { changesOf } from './ask-changes.ts'
import type { Asking } from './ask-node.ts'
import { isFloor, printAmount, printLimit } from './change-sheet.ts'

/** States in which somebody still decides. */
const open: ReadonlySet<TuneChange['state']> = new Set(['applying', 'watching', 'rolling-back'])

/** Whether nothing happens to a change any more without somebody's doing; a restart is somebody's doing. */
export function isSettled({ state }: Pick<TuneChange, 'state'>): boolean {
  return !open.has(state)
}

const shortestPauseMs = 1_000
const longestPauseMs = 30_000
/** Each look is a signed command, with its lines in two audits. */
const looksPerWindow = 60
/** How long an agent, or its server, may be away. */
const patienceMs = 600_000
const awayPauseMs = 5_000
/** A look that was under way when its agent ended, or its server did, has failed. */
const away: ReadonlySet<ErrorCode> = new Set(['UNREACHABLE', 'TIMED_OUT', 'CANCELLED', 'COMMAND_FAILED'])
const mostChanges = 50

/**
 * Looks at a change until its guard has decided, and tells how it goes.
 * @returns the change as it is then
 * @throws PgherdError NOT_FOUND, UNREACHABLE when its agent is away for long, CANCELLED at ^C; the guard goes on
 */
export async function followGuard(asking: Asking, node: NodeView, id: string): Promise<TuneChange> {
  const { context } = asking
  const { clock, signal } = context
  let told = ''
  let heardMs = clock.monotonic()
  for (;;) {
    const change = await look(asking, node, id)
    if (change !== undefined) {
      heardMs = clock.monotonic()
      if (isSettled(change)) return change
      const line = progressLine(change)
      if (line !== told) {
        context.warn(printable(`${node.node}: ${leftOf(change, clock.now())}${line}`))
      }
      told = line
    } else if (clock.monotonic() - heardMs > patienceMs) {
      throw new PgherdError(
        'UNREACHABLE',
        `${node.node} has not answered for ${printAge(patienceMs)}; its guard decides by itself (agentctl tune status ${node.node})`,
      )
    }
    await clock.sleep(pauseOf(change, clock.now()), signal)
    if (signal.aborted) {
      throw new PgherdError(
        'CANCELLED',
        `not followed any longer; the guard of ${node.node} goes on, and decides by itself`,
      )
    }
  }
}

function leftOf({ untilMs }: TuneChange, nowMs: number): string {
  if (untilMs === null) return ''
  return untilMs > nowMs ? `${printAge(untilMs - nowMs)} left: ` : 'the window is over: '
}

/** Undefined while the agent is away, or its server. @throws PgherdError NOT_FOUND, or REFUSED */
async function look(asking: Asking, node: NodeView, id: string): Promise<TuneChange | undefined> {
  try {
    const found = (await changesOf(asking, node, mostChanges)).find((one) => one.id === id)
    if (found !== undefined) return found
  } catch (error) {
    const isAway = error instanceof PgherdError && away.has(error.code)
    if (isAway && !asking.context.signal.aborted) return undefined
    throw error
  }
  throw new PgherdError('NOT_FOUND', `${node.node} knows of no change ${id}`)
}

function pauseOf(change: TuneChange | undefined, nowMs: number): number {
  if (change === undefined) return awayPauseMs
  if (change.untilMs === null) return shortestPauseMs
  const usual = (change.untilMs - change.startedMs) / looksPerWindow
  // The last look comes as soon as the guard has decided.
  const untilEnd = Math.max(shortestPauseMs, change.untilMs - nowMs + shortestPauseMs)
  return Math.min(longestPauseMs, untilEnd, Math.max(shortestPauseMs, usual))
}

/** What is worse; else what is nearest to it. */
function progressLine({ state, readings }: TuneChange): string {
  if (state === 'rolling-back') return 'is being taken back'
  const known = readings.filter(({ after }) => after !== null)
  const worse = known.filter(({ isWorse }) => isWorse)
  const nearest = known.toSorted((a, b) => closeness(b) - closeness(a)).slice(0, 1)
  if (nearest.length === 0) return 'nothing to compare yet'
  return (worse.length > 0 ? worse : nearest).map(readingText).join('; ')
}

function closeness({ before, after, limit }: GuardReading): number {
  if (after === null || limit === null || limit <= 0) return 0
  return isFloor({ before, limit }) ? limit / Math.max(after, limit / 10) : after / limit
}

function readingText(reading: GuardReading): string {
  const { what, unit, before, after, limit, isWorse } = reading
  const allowed = limit === null ? '' : `, allowed ${printLimit(reading)}`
  const rest = unit.replace(/^bytes ?/, '')
  const now = `${printAmount(after, unit)}${rest === '' ? '' : ` ${rest}`}`
  return `${what} ${now} (was ${printAmount(before, unit)}${allowed})${isWorse ? ' WORSE' : ''}`
}
