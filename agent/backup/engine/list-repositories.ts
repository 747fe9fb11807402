import { statfs } from 'node:fs/promises'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineListing } from '../engine.ts'
import type { ArchiveLister } from './archive-listing.ts'
import { askEngine } from './ask-engine.ts'
import { askInfo } from './ask-info.ts'
import { lookAtRepository } from './look-at-repository.ts'
import type { RepositoryLook } from './look-at-repository.ts'
import type { EngineProgram } from './run-engine.ts'
import { describeGap } from './wal-continuity.ts'

/** What is known of a repository from its configuration, which pgBackRest does not tell. */
export interface ConfiguredRepository {
  readonly repository: number
  /** Such as `s3 backups/pg-main`; no secrets. */
  readonly where: string
  /** Its directory, where it is one of this host. */
  readonly directory: string | null
  readonly isEncrypted: boolean
}

/** As many as the report has room for. */
const maxGaps = 100
const maxSpans = 64

/**
 * Lists all repositories. One that cannot be read is in the answer, with its problem; so are all that are configured when
 * pgBackRest itself cannot be asked.
 * @throws BackupFailure timed-out, or what it is when nothing is known of any repository; PgherdError CANCELLED
 */
export async function listRepositories(
  program: EngineProgram,
  configured: readonly ConfiguredRepository[],
  lister: ArchiveLister,
  signal: AbortSignal,
): Promise<EngineListing> {
  let looks: readonly RepositoryLook[]
  let version: string | null = null
  try {
    version = /\d[\w.]*/.exec(await askEngine(program, 'version', [], { signal }))?.[0] ?? null
    const infos = await askInfo(program, { signal })
    looks = await Promise.all(infos.map((info) => lookAtRepository(info, lister, { signal })))
  } catch (error) {
    const isKnown = error instanceof BackupFailure && configured.length > 0
    if (signal.aborted || !isKnown) throw error
    return { ...unreadable(configured, error), version }
  }
  const repositories = await Promise.all(
    looks.map((look) =>
      describe(
        look,
        configured.find(({ repository }) => repository === look.info.repository),
      ),
    ),
  )
  const sets = looks.flatMap(({ info }) => info.sets.map(({ set }) => set))
  return {
    version,
    repositories,
    sets: sets.sort((a, b) => a.startedMs - b.startedMs || a.repository - b.repository),
    systemIdentifier: looks.find(({ info }) => info.systemIdentifier !== null)?.info.systemIdentifier ?? null,
  }
}

async function describe(
  { info, archive, continuity, problem, reason }: RepositoryLook,
  configured: ConfiguredRepository | undefined,
): Promise<EngineListing['repositories'][number]> {
  const { repository, isEncrypted } = info
  const stored = info.sets.reduce((sum, { set }) => sum + (set.storedBytes ?? 0), archive.sizeBytes)
  const newest = archive.segments.reduce<number | null>(
    (last, { archivedMs }) => Math.max(last ?? 0, archivedMs),
    null,
  )
  return {
    ...{ repository, isEncrypted, problem },
    where: configured?.where ?? `repository ${repository}`,
    reason: reason.slice(0, 1_000),
    // Of its backups and its WAL; the rest is small.
    sizeBytes: problem === null ? stored : null,
    freeBytes: await freeBytesOf(configured?.directory ?? null),
    segments: archive.segments.map(({ name }) => name),
    archivedMs: newest,
    gaps: continuity.gaps.slice(0, maxGaps).map(describeGap),
    spans: continuity.spans.slice(-maxSpans),
  }
}

function unreadable(
  configured: readonly ConfiguredRepository[],
  { problem, message }: BackupFailure,
): Omit<EngineListing, 'version'> {
  const repositories = configured.map(({ repository, where, isEncrypted }) => ({
    ...{ repository, where, isEncrypted, problem, reason: message.slice(0, 1_000) },
    ...{ sizeBytes: null, freeBytes: null, segments: [], archivedMs: null, gaps: [], spans: [] },
  }))
  return { repositories, sets: [], systemIdentifier: null }
}

/** For who may not be root. Null when the directory cannot be reached. */
async function freeBytesOf(directory: string | null): Promise<number | null> {
  if (directory === null) return null
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  } catch {
    return null
  }
}
