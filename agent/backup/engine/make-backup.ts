import { z } from 'zod'
import { passingProblems } from '../../../common/backup/backup-problem.ts'
import type { BackupType } from '../../../common/backup/backup-run.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineBackup, EngineRun } from '../engine.ts'
import { askEngine, logged, repositoryOption } from './ask-engine.ts'
import { askInfo } from './ask-info.ts'
import { classify } from './classify.ts'
import { createProgress } from './progress.ts'
import { runEngine } from './run-engine.ts'
import type { EngineAnswer, EngineProgram } from './run-engine.ts'

const detail = z.array(
  z.object({ backup: z.array(z.object({ 'error-list': z.array(z.string()).nullish() })) }),
)

/** @throws BackupFailure, PgherdError CANCELLED */
export async function makeBackup(
  program: EngineProgram,
  type: BackupType,
  run: EngineRun,
): Promise<EngineBackup> {
  let label: string | undefined
  let repository = run.repository ?? 1
  const progress = createProgress(program.clock, `${type} backup`, run.progress)
  run.progress?.(0, `${type} backup begins`, null)
  // With the file's backup-standby a primary that helps out would fail for want of a standby.
  const source = program.isPrimary?.() === true ? ['--no-backup-standby'] : []
  const args = [
    'backup',
    `--type=${type}`,
    ...source,
    ...repositoryOption(run.repository),
    ...logged('detail'),
  ]
  const answer = await runEngine(program, args, {
    ...run,
    onLine(line) {
      progress(line)
      label = /\bnew backup label = (\S+)/.exec(line)?.[1] ?? label
      repository = Number(/defaulting to repo(\d+)/.exec(line)?.[1] ?? repository)
    },
  })
  if (answer.status !== 0) throw failureOf(answer, program, label)
  if (label === undefined)
    throw new BackupFailure('other', 'pgBackRest made a backup and did not tell its label')
  const infos = await askInfo(program, { signal: run.signal, repository })
  const set = infos.flatMap(({ sets }) => sets).find((one) => one.set.label === label)?.set
  if (set === undefined) {
    throw new BackupFailure(
      'other',
      `pgBackRest made backup ${label}, which is not in repository ${repository}`,
    )
  }
  const warnings = answer.complaints
    .filter(({ text }) => text.startsWith('invalid page checksum'))
    .map(({ text }) => text)
  return {
    ...{ label, repository, sizeBytes: set.sizeBytes ?? 0, storedBytes: set.storedBytes ?? 0 },
    // Warnings have the pages; the list of the backup has the files, also those of the backups that this one needs.
    errors:
      warnings.length > 0 || !set.hasErrors
        ? warnings
        : await badFiles(program, label, { ...run, repository }),
  }
}

/** A backup is followed by expiring old ones: when that fails, there is a new backup all the same, and another would not help. */
function failureOf(answer: EngineAnswer, program: EngineProgram, label: string | undefined): BackupFailure {
  const failure = classify('backup', answer, program)
  if (label === undefined) return failure
  const problem = passingProblems.has(failure.problem) ? 'other' : failure.problem
  return new BackupFailure(
    problem,
    `backup ${label} was made, and expiring old ones failed: ${failure.message}`,
  )
}

/** Files with pages that failed their checksum, such as `base/5/16396`. */
export async function badFiles(
  program: EngineProgram,
  label: string,
  { signal, repository }: Pick<EngineRun, 'signal' | 'repository'>,
): Promise<readonly string[]> {
  const args = ['--output=json', `--set=${label}`, ...repositoryOption(repository)]
  const text = await askEngine(program, 'info', args, { signal })
  let files: readonly string[]
  try {
    const answer = detail.parse(JSON.parse(text))
    files = answer.flatMap(({ backup }) => backup.flatMap((one) => one['error-list'] ?? []))
  } catch (cause) {
    throw new BackupFailure('other', `what pgBackRest's info answers of backup ${label} does not fit`, {
      cause,
    })
  }
  return files.length === 0 ? ['pages failed their checksum'] : files
}
