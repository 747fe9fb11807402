import type { BackupReport } from '../../../common/backup/backup-report.ts'
import { left, moment, right } from '../output-table.ts'
import type { OutputTable } from '../output-table.ts'

const mebibytes = (bytes: number | null): string | null =>
  bytes === null ? null : (bytes / 2 ** 20).toFixed(1)

/** A report for a person: repositories, backups, and what ran here. */
export function reportTables(report: BackupReport): OutputTable[] {
  return [
    {
      type: 'table',
      title: 'Repositories',
      columns: [
        right('repo'),
        left('where'),
        left('state'),
        left('restorable_from'),
        left('restorable_to'),
        left('gaps'),
      ],
      rows: report.repositories.map(({ repository, where, problem, reason, spans, gaps }) => [
        String(repository),
        where,
        problem === null ? 'ok' : `${problem}: ${reason}`,
        moment(spans[0]?.fromMs ?? null),
        moment(spans.at(-1)?.toMs ?? null),
        gaps.length === 0 ? 'none' : gaps.join(' '),
      ]),
      truncated: false,
    },
    {
      type: 'table',
      title: 'Backups',
      columns: [
        left('label'),
        left('type'),
        right('repo'),
        left('finished'),
        right('database_mib'),
        right('stored_mib'),
        left('state'),
      ],
      rows: report.sets.map((set) => [
        set.label,
        set.type,
        String(set.repository),
        moment(set.finishedMs),
        mebibytes(set.sizeBytes),
        mebibytes(set.storedBytes),
        set.hasErrors ? 'pages fail their checksum' : 'ok',
      ]),
      truncated: false,
    },
    {
      type: 'table',
      title: 'Runs of this member',
      columns: [left('started'), left('operation'), left('outcome'), left('message')],
      rows: report.runs.map(({ startedMs, operation, outcome, problem, message }) => [
        moment(startedMs),
        operation,
        problem === null ? outcome : `${outcome}: ${problem}`,
        message,
      ]),
      truncated: false,
    },
  ]
}
