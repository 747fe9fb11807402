import { nothingDone } from '../runs/work.ts'
import type { WorkDone } from '../runs/work.ts'
import type { DrillFindings } from './checks.ts'
import type { ChosenSet } from './choose-set.ts'
import { describePoint } from './recovery-point.ts'
import type { RecoveryPoint } from './recovery-point.ts'
import { mebibytes } from './space.ts'

/** What a drill came to, as far as it got; times are milliseconds. */
export interface DrillPhases {
  restoreMs: number | null
  replayMs: number | null
  checksMs: number | null
  chosen: ChosenSet | null
  point: RecoveryPoint | null
  findings: DrillFindings | null
}

/** The record of a drill that came to its end. */
export function drillDone(phases: DrillPhases): WorkDone {
  const { restoreMs, replayMs, checksMs, chosen, point, findings } = phases
  if (chosen === null || point === null || findings === null) throw new Error('the drill is not at its end')
  const { set } = chosen
  const { databases, trueQueries, amcheck, problems } = findings
  const looked = [
    `${databases} databases with ${tablesText(findings)} can be read`,
    ...(trueQueries === 0 ? [] : [`${trueQueries} of the policy's queries are true`]),
    ...(amcheck === null ? [] : [amcheckTexts[amcheck]]),
  ]
  const said = [
    `${set.label} (${mebibytes(set.sizeBytes ?? 0)}) was restored in ${seconds(restoreMs)} and replayed in ${seconds(replayMs)} to ${describePoint(point)}`,
    `${looked.join(', ')} (${seconds(checksMs)})`,
    ...(set.hasErrors ? ['the backup itself was made of pages that fail their checksum'] : []),
    ...problems.map(({ text }) => text),
  ]
  return {
    ...nothingDone,
    problem: problems[0]?.problem ?? (set.hasErrors ? 'checksum' : null),
    label: set.label,
    repository: set.repository,
    sizeBytes: set.sizeBytes,
    message: `${said.join('; ')}.`.slice(0, 2_000),
    recoveryMs: Math.round((restoreMs ?? 0) + (replayMs ?? 0)),
  }
}

function tablesText({ tables, rows, uncounted }: DrillFindings): string {
  if (uncounted === 0) return `${tables} tables and about ${rows} rows`
  if (uncounted === tables)
    return `${tables} tables, whose rows are not known, since they were never analyzed,`
  return `${tables} tables and about ${rows} rows, without those of ${uncounted} tables that were never analyzed,`
}

const amcheckTexts = {
  clean: 'pg_amcheck finds nothing',
  damaged: 'pg_amcheck finds damage',
  failed: 'pg_amcheck fails',
  unfinished: 'pg_amcheck did not come to its end in time and had found nothing',
  absent: 'pg_amcheck is not installed',
} as const

function seconds(ms: number | null): string {
  return `${((ms ?? 0) / 1000).toFixed(1)} s`
}
