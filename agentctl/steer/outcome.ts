import type { CommandState, CommandView } from '../../common/command/command-view.ts'
import { PgherdError } from '../../common/errors.ts'
import type { ErrorCode } from '../../common/errors.ts'

/** What a state means to the exit status of agentctl; undefined for what went well or still may. */
const failures: Readonly<Partial<Record<CommandState, ErrorCode>>> = {
  failed: 'COMMAND_FAILED',
  unknown: 'COMMAND_FAILED',
  cancelled: 'CANCELLED',
  unsupported: 'NOT_SUPPORTED',
  refused: 'REFUSED',
  timed_out: 'TIMED_OUT',
  expired: 'UNREACHABLE',
}

/** How bad several outcomes are as one: what went wrong wins over what was not allowed, that over what did not answer. */
const order: readonly ErrorCode[] = [
  'COMMAND_FAILED',
  'NOT_SUPPORTED',
  'CANCELLED',
  'REFUSED',
  'TIMED_OUT',
  'UNREACHABLE',
]

/** One sentence about a command, for a person. */
export function sentenceOf({ state, result, progress }: CommandView): string {
  if (result !== null) return result.message
  switch (state) {
    case 'held':
      return 'waits for a second operator (agentctl approve)'
    case 'queued':
      return 'waits for the agent'
    case 'delivered':
      return 'is with the agent'
    case 'expired':
      return 'expired before the agent came back'
    default:
      return progress === null ? state : progress.text
  }
}

/** @throws PgherdError when some did not succeed; its exit status is that of the worst */
export function throwUnlessDone(views: readonly CommandView[], expected: number): void {
  const codes = views.flatMap(({ state }) => failures[state] ?? [])
  const open = expected - views.filter(({ state }) => state === 'done').length - codes.length
  const worst = order.find((code) => codes.includes(code)) ?? (open > 0 ? 'TIMED_OUT' : undefined)
  if (worst === undefined) return
  const failed = codes.length + open
  throw new PgherdError(
    worst,
    expected === 1
      ? `the command ${open > 0 ? 'has not ended yet; agentctl commands tells how it goes on' : endOf(views[0])}`
      : `${failed} of ${expected} commands did not succeed`,
  )
}

/** What began may have been done in part, and nobody is to repeat it without a look. */
function endOf(view: CommandView | undefined): string {
  switch (view?.state) {
    case 'failed':
      // Such as a restore drill whose checks fail: it came to its end, and its own words say what of it was done.
      return view.mode === 'run' ? 'has failed' : 'was not carried out'
    case 'unknown':
      return 'may have been carried out; nobody knows'
    case 'timed_out':
      return `did not end in time; ${partOf(view)}`
    case 'cancelled':
      return `was cancelled; ${partOf(view)}`
    default:
      return 'was not carried out'
  }
}

function partOf({ mode }: Pick<CommandView, 'mode'>): string {
  return mode === 'run'
    ? 'it may have been carried out in part'
    : 'nothing was done, since it was only planned'
}
