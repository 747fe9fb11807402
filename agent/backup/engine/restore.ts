import { isAbsolute } from 'node:path'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun, RecoveryTarget, RestoreRequest } from '../engine.ts'
import type { ArchiveLister } from './archive-listing.ts'
import { logged } from './ask-engine.ts'
import { askInfo } from './ask-info.ts'
import { chooseBackup, timeOf } from './choose-backup.ts'
import type { ChosenBackup } from './choose-backup.ts'
import { classify } from './classify.ts'
import { lookAtRepository } from './look-at-repository.ts'
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
  const { directory, target } = request
  if (!isAbsolute(directory)) throw new BackupFailure('configuration', `${directory} is no absolute path`)
  if (target.kind === 'time' && target.atMs > program.clock.now()) {
    throw new BackupFailure('target-unreachable', `${target.text} is in the future`)
  }
  const chosen = await choose(program, lister, request, run)
  await makeEmptyDirectory(directory, program.user)
  run.progress?.(0, `restores backup ${chosen.label}`, null)
  const answer = await runEngine(program, argumentsFor(request, chosen), {
    ...run,
    onLine: createProgress(program.clock, `restores backup ${chosen.label}`, run.progress),
  })
  if (answer.status !== 0) throw classify('restore', answer, program)
}

type Chosen = ChosenBackup & { readonly repository: number }

/** Of the first repository that leads there, in their order. */
async function choose(
  program: EngineProgram,
  lister: ArchiveLister,
  request: RestoreRequest,
  run: EngineRun,
): Promise<Chosen> {
  const { signal } = run
  const reasons: string[] = []
  const problems: BackupFailure['problem'][] = []
  for (const info of await askInfo(program, run)) {
    const { repository } = info
    const look = await lookAtRepository(info, lister, { signal, isFresh: true })
    if (look.problem !== null) {
      problems.push(look.problem)
      reasons.push(look.reason)
      continue
    }
    const found = chooseBackup(look, request)
    if (typeof found !== 'string') return { ...found, repository }
    // The end of the log can be missed for nothing else.
    const isGap = request.target.kind === 'latest' && look.continuity.gaps.length > 0
    problems.push(isGap ? 'archive-gap' : 'target-unreachable')
    reasons.push(found)
  }
  const told = (['archive-gap', 'target-unreachable'] as const).find((one) => problems.includes(one))
  throw new BackupFailure(told ?? problems[0] ?? 'target-unreachable', reasons.join('; '))
}

/** @see https://pgbackrest.org/command.html#command-restore */
export function argumentsFor(
  request: RestoreRequest,
  { label, timeline, repository }: Chosen,
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
    case 'name':
      return [`--type=${target.kind}`, `--target=${target.value}`]
  }
}

/** As it was written where it has its zone, because it may have microseconds. */
function exactTime({ atMs, text }: { readonly atMs: number; readonly text: string }): string {
  const hasZone = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text)
  return hasZone ? text.replace('T', ' ').replace('Z', '+00') : timeOf(atMs)
}
