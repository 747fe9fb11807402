import { isAbsolute } from 'node:path'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun, RecoveryTarget, RestoreRequest } from '../engine.ts'
import type { ArchiveLister } from './archive-listing.ts'
import { logged } from './ask-engine.ts'
import { choose } from './choose.ts'
import type { ChosenBackup } from './choose-backup.ts'
import { timeOf } from './choose-backup.ts'
import { classify } from './classify.ts'
import { makeEmptyDirectory } from './empty-directory.ts'
import { createProgress } from './progress.ts'
import { runEngine } from './run-engine.ts'
import type { EngineProgram } from './run-engine.ts'

/**
 * Restores once it is known that the target can be reached from what the repository has.
 * @throws BackupFailure target-unreachable or archive-gap before anything is touched; PgherdError CANCELLED
 */
export async function restore(
  program: EngineProgram,
  lister: ArchiveLister,
  request: RestoreRequest,
  run: EngineRun,
): Promise<void> {
  const { directory } = request
  if (!isAbsolute(directory)) throw new BackupFailure('configuration', `${directory} is no absolute path`)
  const chosen = await choose(program, lister, request, run)
  await makeEmptyDirectory(directory, program.user)
  run.progress?.(0, `restores backup ${chosen.set.label}`, null)
  const answer = await runEngine(program, argumentsFor(request, chosen), {
    ...run,
    onLine: createProgress(program.clock, `restores backup ${chosen.set.label}`, run.progress),
  })
  if (answer.status !== 0) throw classify('restore', answer, program)
}

/** @see https://pgbackrest.org/command.html#command-restore */
export function argumentsFor(
  request: RestoreRequest,
  { set: { label, repository }, timeline }: ChosenBackup,
): readonly string[] {
  const {
    directory,
    target,
    isExclusive,
    action,
    tablespaces = new Map<string, string>(),
    tablespaceRoot,
  } = request
  return [
    'restore',
    `--repo=${repository}`,
    `--set=${label}`,
    `--pg1-path=${directory}`,
    ...targetArguments(target),
    // The end of the log is no target: there recovery always ends in a promotion.
    ...(target.kind === 'latest' ? [] : [`--target-action=${action}`]),
    ...(isExclusive && ['time', 'xid', 'lsn'].includes(target.kind) ? ['--target-exclusive'] : []),
    // It does not take its own option for the end of a backup, where PostgreSQL 12 and later would look for the latest one.
    target.kind === 'immediate'
      ? `--recovery-option=recovery_target_timeline=${timeline}`
      : `--target-timeline=${timeline}`,
    ...(request.archives === true ? [] : ['--archive-mode=off']),
    ...(tablespaceRoot === undefined ? [] : [`--tablespace-map-all=${tablespaceRoot}`]),
    ...[...tablespaces].map(([name, path]) => `--tablespace-map=${name}=${path}`),
    ...logged('detail'),
  ]
}

function targetArguments(target: RecoveryTarget): readonly string[] {
  switch (target.kind) {
    case 'latest':
      return ['--type=default']
    case 'immediate':
      return ['--type=immediate']
    case 'time':
      return ['--type=time', `--target=${exactTime(target)}`]
    case 'xid':
    case 'lsn':
      return [`--type=${target.kind}`, `--target=${target.value}`]
    case 'name':
      return ['--type=name', `--target=${insideQuotes(target.value)}`]
  }
}

/**
 * A target stands between quotes in postgresql.auto.conf just as pgBackRest was given it (2.45), so that a quote in it would end it and
 * begin settings of its own (guc-file.l).
 */
function insideQuotes(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "''")
}

/** As it was written where it has its zone, because it may have microseconds. */
function exactTime({ atMs, text }: { readonly atMs: number; readonly text: string }): string {
  const hasZone = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text)
  return hasZone ? text.replace('T', ' ').replace('Z', '+00') : timeOf(atMs)
}
