import type { Command } from 'commander'
import { backupsAnswer, backupsOfClusterAnswer } from '../../common/backup/backup-view.ts'
import type { ClusterBackups } from '../../common/backup/backup-view.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import type { Sheet } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { isSilent, runMessage } from '../run-message.ts'
import { renderTable } from '../table.ts'
import { printAge, printable } from '../terminal.ts'
import { addBackupOperations } from './backup-operations.ts'

/** `agentctl backup`: what can be restored, and backup work that is done now. */
export function addBackup(program: Command, context: CliContext): void {
  const backup = program
    .command('backup')
    .description('backups: what can be restored, what ran, and what is to run now')
    .addHelpText(
      'after',
      `
list and history ask the collector; the others are signed commands to the member whose turn it is, or the one of --node. What changes
something shows its plan, and asks for the cluster's name unless --yes.

Examples:
  agentctl backup list
  agentctl backup run pg-main --type full
  agentctl backup drill pg-main --node pg-main-2
  agentctl backup restore pg-main --to '2026-11-23 10:00:00+00' --into /data/restored --node pg-main-2
  agentctl backup restore pg-main --target lsn=0/5000148 --into /data/restored

Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  backup
    .command('list')
    .description('repositories and backups of a cluster, or a line for each cluster')
    .argument('[cluster]', 'the cls label')
    .action((name: string | undefined) => (name === undefined ? list(context) : show(context, name)))
  backup
    .command('history')
    .description('what ran, the newest last')
    .argument('<cluster>', 'the cls label')
    .action((name: string) => history(context, name))
  addBackupOperations(backup, context)
}

type Member = ClusterBackups['members'][number]
type Report = Member['report']

const mebibytes = (bytes: number | null): string => (bytes === null ? '-' : (bytes / 2 ** 20).toFixed(1))

async function list(context: CliContext): Promise<void> {
  const { data } = await context.client().call('GET', '/api/v1/backups?limit=1', backupsAnswer)
  present(context, {
    columns: [
      { title: 'CLUSTER' },
      { title: 'STATE', tone: (cell) => (cell === 'ok' ? undefined : 'bad') },
      { title: 'LAST BACKUP', align: 'right' },
      { title: 'BACKUPS', align: 'right' },
      { title: 'RESTORABLE FROM (UTC)' },
      { title: 'TO' },
      { title: 'RUNNER', spare: 1 },
      { title: 'REPORT', align: 'right', spare: 2 },
    ],
    rows: data.map(row),
    data,
    nothing: 'no agent has told of backups yet (backup.policy_file)',
  })
}

/** Of those that are still heard of, the member that runs them knows best what there is; else whoever was heard last. */
function spokesman({ members }: ClusterBackups) {
  const byAge = members.toSorted((a, b) => a.ageMs - b.ageMs)
  return byAge.find((one) => one.report.isRunner && !isSilent(one)) ?? byAge[0]
}

function row(cluster: ClusterBackups): readonly string[] {
  const member = spokesman(cluster)
  if (member === undefined) return [cluster.cluster, 'unknown', '-', '-', '-', '-', '-', '-']
  const { report, ageMs } = member
  const last = Math.max(...report.sets.map(({ finishedMs }) => finishedMs))
  const spans = report.repositories.flatMap((one) => one.spans)
  const from = Math.min(...spans.map(({ fromMs }) => fromMs))
  const to = Math.max(...spans.map(({ toMs }) => toMs))
  return [
    cluster.cluster,
    isSilent(member) ? 'unknown' : stateOf(report, cluster.members),
    Number.isFinite(last) ? `${printAge(ageMs + Math.max(0, report.atMs - last))} ago` : 'never',
    String(report.sets.length),
    Number.isFinite(from) ? printMoment(from) : '-',
    Number.isFinite(to) ? printMoment(to) : '-',
    report.isRunner && !isSilent(member) ? report.node : '-',
    `${printAge(ageMs)} ago`,
  ]
}

function stateOf({ repositories, sets }: Report, members: readonly Member[]): string {
  const broken = repositories.find(({ problem }) => problem !== null)
  if (broken?.problem != null) return broken.problem
  if (repositories.some(({ gaps }) => gaps.length > 0)) return 'archive-gap'
  if (members.some((one) => one.report.archive.failingSinceMs !== null && !isSilent(one)))
    return 'archiving fails'
  if (sets.length === 0) return 'no backup'
  return sets.at(-1)?.hasErrors === true ? 'checksum' : 'ok'
}

async function show(context: CliContext, name: string): Promise<void> {
  const path = `/api/v1/backups/${encodeURIComponent(name)}?limit=1`
  const { data } = await context.client().call('GET', path, backupsOfClusterAnswer)
  const told = spokesman(data)
  const report = told?.report
  present(context, {
    columns: [
      { title: 'LABEL' },
      { title: 'TYPE' },
      { title: 'REPO', align: 'right' },
      { title: 'FINISHED (UTC)' },
      { title: 'DATABASE MIB', align: 'right', spare: 1 },
      { title: 'STORED MIB', align: 'right', spare: 1 },
      { title: 'STATE', tone: (cell) => (cell === 'ok' ? undefined : 'bad') },
    ],
    rows: (report?.sets ?? []).map((set) => [
      set.label,
      set.type,
      String(set.repository),
      printMoment(set.finishedMs),
      mebibytes(set.sizeBytes),
      mebibytes(set.storedBytes),
      set.hasErrors ? 'pages fail their checksum' : 'ok',
    ]),
    data,
    nothing: `${name} has no backup`,
  })
  if (context.format() !== 'table' || report === undefined) return
  const lines = [
    '',
    ...(told !== undefined && isSilent(told)
      ? [`NOT HEARD OF for ${printAge(told.ageMs)}: all of this was so then`]
      : []),
    ...report.repositories.flatMap((one) => repositoryLines(one, report.engine)),
    ...memberLines(data),
  ]
  for (const line of lines) context.terminal.print(printable(line))
}

function repositoryLines(repository: Report['repositories'][number], engine: Report['engine']) {
  const { repository: number, where, problem, reason, spans, gaps, isEncrypted, archivedMs } = repository
  const state = problem === null ? 'ok' : `${problem}: ${reason}`
  return [
    `repository ${number} (${where}${isEncrypted ? ', encrypted' : ''}): ${state}`,
    ...(engine === 'pg_basebackup' && problem === null
      ? ['  the end of each backup, and no point between: pg_basebackup archives no log']
      : []),
    ...spans.map(
      ({ fromMs, toMs, timeline }) =>
        `  any point from ${printMoment(fromMs)} to ${printMoment(toMs)} on timeline ${timeline}`,
    ),
    ...(gaps.length === 0 ? [] : [`  MISSING in the archive: ${gaps.join(' ')}`]),
    ...(archivedMs === null ? [] : [`  newest segment of ${printMoment(archivedMs)}`]),
  ]
}

function memberLines({ members }: ClusterBackups): readonly string[] {
  return members.flatMap((member) => (isSilent(member) ? [silentLine(member)] : toldLines(member)))
}

function silentLine({ ageMs, report }: Member): string {
  const turn = report.isRunner ? 'it ran them' : 'it did not run them'
  return `${report.node}: not heard of for ${printAge(ageMs)}; then ${turn}: ${report.runnerReason}`
}

function toldLines({ ageMs, report }: Member): readonly string[] {
  return [
    `${report.node}: ${report.isRunner ? 'runs them' : 'does not run them'}: ${report.runnerReason} (${printAge(ageMs)} ago)`,
    ...(report.running === null
      ? []
      : [
          `  now: ${report.running.text}${report.running.percent === null ? '' : `, ${report.running.percent.toFixed(0)} %`}`,
        ]),
    ...(report.archive.failingSinceMs === null
      ? []
      : [
          `  archiving fails since ${printMoment(report.archive.failingSinceMs)}: ${report.archive.lastFailure ?? ''}${waiting(report.archive)}`,
        ]),
    ...report.next.slice(0, 3).map(({ operation, atMs }) => `  next ${operation}: ${printMoment(atMs)}`),
  ]
}

function waiting({ waitingSegments: count, waitingBytes }: Report['archive']): string {
  return count === null ? '' : `; ${count} segments wait, ${mebibytes(waitingBytes)} MiB`
}

/** Messages that a narrow terminal has cut are told below in full, of so many runs that are not done. */
const mostTold = 5

async function history(context: CliContext, name: string): Promise<void> {
  const path = `/api/v1/backups/${encodeURIComponent(name)}?limit=200`
  const { data } = await context.client().call('GET', path, backupsOfClusterAnswer)
  const runs = data.runs.toReversed()
  const messages = runs.map((run) => runMessage(run, data.members))
  const sheet: Sheet = {
    columns: [
      { title: 'STARTED (UTC)' },
      { title: 'NODE' },
      { title: 'OPERATION' },
      { title: 'OUTCOME', tone: (cell) => (cell.startsWith('failed') ? 'bad' : undefined) },
      { title: 'TOOK', align: 'right' },
      { title: 'MESSAGE' },
    ],
    rows: runs.map((run, i) => [
      printMoment(run.startedMs),
      run.node,
      run.operation,
      run.problem === null ? run.outcome : `${run.outcome}: ${run.problem}`,
      run.finishedMs === null ? '-' : printAge(run.finishedMs - run.startedMs),
      messages[i] ?? '',
    ]),
    data: runs,
    nothing: `nothing has run for ${name}`,
  }
  present(context, sheet)
  if (context.format() !== 'table') return
  const shown = renderTable(sheet.columns, sheet.rows, context.terminal.width)
  const cut = runs
    .map(({ outcome, startedMs, operation }, i) => ({
      outcome,
      startedMs,
      operation,
      message: messages[i] ?? '',
    }))
    .filter(
      ({ outcome, message }, i) => outcome !== 'done' && shown[i + 1]?.includes(printable(message)) !== true,
    )
    .slice(-mostTold)
  for (const { startedMs, operation, message } of cut)
    context.terminal.print(`\n${printMoment(startedMs)} ${operation}: ${printable(message)}`)
}
