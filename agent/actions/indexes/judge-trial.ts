import type { TrialRecord, TrialSample } from './ledger-record.ts'

export type TrialReading = TrialRecord['readings'][number]

/** Fewer rows more are read by whatever the planner likes. */
const fewestRows = 100_000
/** Of a statement, before its mean says something. */
const fewestCalls = 5
/** What a statement has taken more since, in all, milliseconds. */
const fewestMs = 100
/** One that still runs: so many times its mean, and so many milliseconds at least. */
const runningFactor = 20
const runningMs = 2_000

/**
 * What a trial costs: sequential scans of the table beyond those that there were before at that rate, and the time of the statements that
 * name it, against their mean before. A statement is worse where its mean is above the bound, by more than three standard errors of the mean
 * (its spread before, over the root of the calls since), and where that took some time in all.
 */
export function judgeTrial(
  record: Pick<TrialRecord, 'before' | 'since' | 'limits'>,
  now: TrialSample,
  running: readonly { readonly key: string; readonly ms: number }[],
): readonly TrialReading[] {
  const { before, since, limits } = record
  return [
    scansReading(before, since, now, limits.scans),
    ...Object.keys(since.statements).flatMap((key) => {
      const reading = statementReading(key, since, now, limits.bound)
      const long = running.find((one) => one.key === key)
      return [
        ...(reading === undefined ? [] : [reading]),
        ...(long === undefined ? [] : runningReading(since, long)),
      ]
    }),
  ]
}

function scansReading(
  before: TrialSample,
  since: TrialSample,
  now: TrialSample,
  mostScans: number,
): TrialReading {
  const share = (now.atMs - since.atMs) / Math.max(1, since.atMs - before.atMs)
  const isCounted = before.serverStartMs === since.serverStartMs
  const usual = (of: 'seqScans' | 'seqRows'): number =>
    isCounted ? Math.max(0, since[of] - before[of]) * share : 0
  const scans = now.seqScans - since.seqScans
  const moreScans = scans - usual('seqScans')
  const moreRows = now.seqRows - since.seqRows - usual('seqRows')
  return {
    what: 'sequential scans of the table',
    before: `${round(usual('seqScans'))} in that time`,
    since: `${scans} (${round(Math.max(0, moreRows))} rows more)`,
    most: `${mostScans} more`,
    isWorse: moreScans >= mostScans && moreRows >= fewestRows,
  }
}

function statementReading(
  key: string,
  since: TrialSample,
  now: TrialSample,
  bound: number,
): TrialReading | undefined {
  const [calls, ms, squares] = since.statements[key] ?? [0, 0, 0]
  const [callsNow, msNow] = now.statements[key] ?? [0, 0]
  const newCalls = callsNow - calls
  if (calls < fewestCalls || newCalls <= 0) return undefined
  const mean = ms / calls
  const spread = Math.sqrt(Math.max(0, squares / calls - mean * mean))
  const newMean = (msNow - ms) / newCalls
  const limit = Math.max(mean * (1 + bound), mean + (3 * spread) / Math.sqrt(newCalls))
  return {
    what: `mean time of the statement ${key}`,
    before: `${round(mean)} ms`,
    since: `${round(newMean)} ms of ${newCalls} calls`,
    most: `${round(limit)} ms`,
    isWorse: newCalls >= fewestCalls && newMean > limit && (newMean - mean) * newCalls >= fewestMs,
  }
}

function runningReading(
  since: TrialSample,
  { key, ms }: { readonly key: string; readonly ms: number },
): readonly TrialReading[] {
  const [calls, total] = since.statements[key] ?? [0, 0]
  if (calls < fewestCalls) return []
  const limit = Math.max(runningMs, (runningFactor * total) / calls)
  if (ms <= limit) return []
  return [
    {
      what: `the statement ${key}, which still runs`,
      before: `${round(total / calls)} ms`,
      since: `${round(ms)} ms so far`,
      most: `${round(limit)} ms`,
      isWorse: true,
    },
  ]
}

/** Whether the server counts anew since: then the trial is judged from the next look on. */
export function countsAnew(since: TrialSample, now: TrialSample): boolean {
  return now.serverStartMs !== since.serverStartMs || now.seqScans < since.seqScans
}

const round = (value: number): string => String(Number(value.toPrecision(3)))
