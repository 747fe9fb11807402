import type { GuardReading } from '../../../../common/tuning/tune-change.ts'
import { guardLimits } from './guard-limits.ts'
import type { GuardLimits } from './guard-limits.ts'
import type { GuardBaseline, GuardSpan } from './guard-sample.ts'
import { statementLatency } from './statement-latency.ts'

/** Figures of a longer stretch of before, such as the hour: where they are worse than the last seconds they are what is usual. */
export type UsualFigures = Readonly<Partial<Record<UsualFigure, number>>>
export type UsualFigure =
  | 'transactionsPerSecond'
  | 'rollbacksPerSecond'
  | 'checkpointsPerHour'
  | 'tempBytesPerSecond'
  | 'activeSessions'
  | 'lagBytes'
  | 'lagSeconds'

/**
 * What a server did before and does since, figure by figure.
 * @param bound - by how much a figure may be worse, such as 0.2
 * @param usual - of the hour before, where it is known
 */
export function judge(
  before: GuardBaseline,
  since: GuardSpan,
  bound: number,
  { usual = {}, limits = guardLimits }: { readonly usual?: UsualFigures; readonly limits?: GuardLimits } = {},
): readonly GuardReading[] {
  if (before.looks === 0 || since.looks === 0) return []
  const rising = (
    what: string,
    unit: string,
    was: number | undefined,
    is: number | undefined,
    about: { readonly floor: number; readonly factor?: number; readonly isEnough?: boolean },
  ): readonly GuardReading[] => {
    if (was === undefined || is === undefined) return []
    const limit = Math.max(was * (about.factor ?? 1 + bound), was + about.floor)
    return [{ what, unit, before: was, after: is, limit, isWorse: is > limit && about.isEnough !== false }]
  }
  const most = (was: number | undefined, known: number | undefined): number | undefined =>
    was === undefined ? undefined : Math.max(was, known ?? 0)
  const rate = (span: GuardSpan, name: string): number | undefined =>
    span.counters[name] === undefined ? undefined : span.counters[name] / span.seconds
  const perHour = (span: GuardSpan): number | undefined => {
    const found = rate(span, 'requestedCheckpoints')
    return found === undefined ? undefined : found * 3_600
  }
  const grew = (name: string): number => since.counters[name] ?? 0
  const latency = statementLatency(before, since, bound, limits)
  return [
    ...(latency === undefined ? [] : [latency]),
    ...transactions(before, since, bound, usual, limits),
    ...rising(
      'transactions rolled back',
      '%',
      percent(rollbackShare(before)),
      percent(rollbackShare(since)),
      {
        floor: 100 * limits.rollbackShare,
        isEnough:
          grew('rollbacks') / since.seconds >=
          Math.max(limits.rollbacksPerSecond, usual.rollbacksPerSecond ?? 0),
      },
    ),
    ...rising('deadlocks and broken sessions', 'per s', rate(before, 'errors'), rate(since, 'errors'), {
      floor: limits.errorsPerSecond,
      isEnough: grew('errors') >= limits.errors,
    }),
    ...rising(
      'lag of replication',
      'bytes',
      most(mean(before, 'lagBytes'), usual.lagBytes),
      mean(since, 'lagBytes'),
      {
        floor: limits.lagBytes,
      },
    ),
    ...rising(
      'lag of replication',
      's',
      most(mean(before, 'lagSeconds'), usual.lagSeconds),
      mean(since, 'lagSeconds'),
      {
        floor: limits.lagSeconds,
      },
    ),
    ...rising(
      'requested checkpoints',
      'per hour',
      most(perHour(before), usual.checkpointsPerHour),
      perHour(since),
      {
        floor: limits.checkpointsPerHour,
        isEnough: grew('requestedCheckpoints') >= limits.checkpoints,
      },
    ),
    ...rising(
      'temporary files',
      'bytes per s',
      most(rate(before, 'tempBytes'), usual.tempBytesPerSecond),
      rate(since, 'tempBytes'),
      { floor: limits.tempBytesPerSecond },
    ),
    ...rising(
      'active sessions',
      '',
      most(mean(before, 'activeSessions'), usual.activeSessions),
      mean(since, 'activeSessions'),
      { floor: limits.activeSessions, factor: Math.max(limits.activeFactor, 1 + bound) },
    ),
    ...rising(
      'time in which a task waited for memory',
      '%',
      percent(share(rate(before, 'memoryWaitMs'))),
      percent(share(rate(since, 'memoryWaitMs'))),
      { floor: 100 * limits.memoryWaitShare },
    ),
    ...rising('written to swap', 'bytes per s', rate(before, 'swapOutBytes'), rate(since, 'swapOutBytes'), {
      floor: limits.swapOutBytesPerSecond,
    }),
  ]
}

/** Fewer of them are worse only while as much is wanted: as many sessions are at work, and get less done. */
function transactions(
  before: GuardSpan,
  since: GuardSpan,
  bound: number,
  usual: UsualFigures,
  limits: GuardLimits,
): readonly GuardReading[] {
  const [was, is] = [before.counters['transactions'], since.counters['transactions']]
  if (was === undefined || is === undefined) return []
  const perSecond = was / before.seconds
  const usually = Math.min(perSecond, usual.transactionsPerSecond ?? Infinity)
  const limit = usually * (1 - Math.min(bound, 0.9))
  const active = mean(since, 'activeSessions') ?? 0
  const isComparable =
    active >= limits.comparableSessions &&
    active >= limits.comparableShare * (mean(before, 'activeSessions') ?? 0)
  const isWorse = usually >= limits.transactionsPerSecond && isComparable && is / since.seconds < limit
  return [
    { what: 'transactions', unit: 'per s', before: perSecond, after: is / since.seconds, limit, isWorse },
  ]
}

function mean({ gauges }: GuardSpan, name: string): number | undefined {
  const [sum, count] = gauges[name] ?? [0, 0]
  return count === 0 ? undefined : sum / count
}

function rollbackShare({ counters }: GuardSpan): number | undefined {
  const [all, back] = [counters['transactions'], counters['rollbacks']]
  return all === undefined || back === undefined ? undefined : all === 0 ? 0 : back / all
}

/** Milliseconds per second. */
const share = (rate: number | undefined): number | undefined => (rate === undefined ? undefined : rate / 1000)
const percent = (part: number | undefined): number | undefined =>
  part === undefined ? undefined : 100 * part
