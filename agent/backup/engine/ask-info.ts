import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import type { BackupSet } from '../../../common/backup/backup-report.ts'
import { backupType } from '../../../common/backup/backup-run.ts'
import { parseInfo } from '../../../common/backup/pgbackrest-info.ts'
import type { Backup, Stanza } from '../../../common/backup/pgbackrest-info.ts'
import { BackupFailure } from '../backup-failure.ts'
import { askEngine, repositoryOption } from './ask-engine.ts'
import { classifyText } from './classify.ts'
import type { EngineProgram } from './run-engine.ts'

/** What `info` tells of one repository, of the stanza's current database system. */
export interface RepositoryInfo {
  readonly repository: number
  readonly isEncrypted: boolean
  readonly problem: BackupProblem | null
  readonly reason: string
  /** Such as `15-1`: where the archive is, and whose it is. Null without a stanza. */
  readonly archiveId: string | null
  readonly systemIdentifier: string | null
  /** Of PostgreSQL, such as 15 or 9.6. */
  readonly version: string | null
  /** The first and the last segment that pgBackRest sees; it does not look at what is between them. */
  readonly firstSegment: string | null
  readonly sets: readonly ListedSet[]
}

export interface ListedSet {
  readonly set: BackupSet
  readonly lsnStart: string | null
  readonly lsnStop: string | null
}

/** As `info` gives them in `status.code`. */
const statuses: Readonly<Record<number, BackupProblem | null>> = {
  0: null,
  1: 'stanza-missing',
  // There is no backup yet, which is for its age to tell.
  2: null,
  3: 'stanza-missing',
  5: 'stanza-mismatch',
}

/** Asks for all repositories, or one. `info` ends with 0 whatever it finds: what is wrong is in each `problem`. */
export async function askInfo(
  program: EngineProgram,
  { signal, repository }: { readonly signal: AbortSignal; readonly repository?: number | undefined },
): Promise<readonly RepositoryInfo[]> {
  const text = await askEngine(program, 'info', ['--output=json', ...repositoryOption(repository)], {
    ...{ signal, maxBytes: 64 * 1024 * 1024 },
  })
  const stanza = parseInfo(text).find(({ name }) => name === program.stanza)
  if (stanza === undefined) {
    throw new BackupFailure('configuration', `pgBackRest does not know of stanza ${program.stanza}`)
  }
  return stanza.repo.map((repo) => readRepository(stanza, repo, program))
}

function readRepository(
  stanza: Stanza,
  repo: Stanza['repo'][number],
  program: EngineProgram,
): RepositoryInfo {
  const { key, status } = repo
  const isOurs = (one: { readonly 'repo-key': number }): boolean => one['repo-key'] === key
  // The last one is the current one; those before it were upgraded from.
  const db = stanza.db
    .filter(isOurs)
    .sort((a, b) => a.id - b.id)
    .at(-1)
  const archive = stanza.archive.find(({ database }) => isOurs(database) && database.id === db?.id)
  const backups = stanza.backup.filter(({ database }) => isOurs(database) && database.id === db?.id)
  const cipher = repo.cipher ?? stanza.cipher ?? 'none'
  return {
    repository: key,
    isEncrypted: cipher !== 'none',
    ...judge(status, program, key),
    archiveId: db === undefined ? null : (archive?.id ?? `${db.version}-${db.id}`),
    systemIdentifier: db?.['system-id'] ?? null,
    version: db?.version ?? null,
    firstSegment: archive?.min ?? null,
    sets: backups.map((backup) => readSet(backup, key)),
  }
}

function judge(
  { code, message }: Stanza['repo'][number]['status'],
  program: EngineProgram,
  repository: number,
): Pick<RepositoryInfo, 'problem' | 'reason'> {
  const text = message ?? ''
  const known = statuses[code]
  if (known === null) return { problem: null, reason: code === 0 ? '' : text }
  const what = `repository ${repository}`
  if (known === undefined) {
    const failure = classifyText('info', what, text, program)
    return { problem: failure.problem, reason: failure.message }
  }
  return { problem: known, reason: `${what}: ${text}` }
}

function readSet(backup: Backup, repository: number): ListedSet {
  const { archive, info, lsn, prior, reference, timestamp } = backup
  const needs = new Set([...(reference ?? []), ...(prior == null ? [] : [prior])])
  return {
    set: {
      label: backup.label,
      type: backupType.catch('incr').parse(backup.type),
      repository,
      startedMs: timestamp.start * 1000,
      finishedMs: timestamp.stop * 1000,
      walStart: archive?.start ?? null,
      walStop: archive?.stop ?? null,
      sizeBytes: info.size,
      storedBytes: info.repository?.delta ?? null,
      hasErrors: backup.error ?? false,
      // The newest ones: those that went before are needed by them.
      needs: [...needs].sort().slice(-128),
    },
    lsnStart: lsn?.start ?? null,
    lsnStop: lsn?.stop ?? null,
  }
}
