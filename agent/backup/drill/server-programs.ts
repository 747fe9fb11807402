import { readFile, readlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BackupFailure } from '../backup-failure.ts'
import { runTool } from './run-tool.ts'
import type { ServerUser } from './server-user.ts'

/** The programs of one version of PostgreSQL. */
export interface ServerPrograms {
  /** 15, 18, ... */
  readonly major: number
  /** As it says itself: `15.18`. */
  readonly version: string
  /** With `postgres` and, where they are installed, `pg_controldata` and `pg_amcheck`. */
  readonly directory: string
}

const timeoutMs = 10_000

/** Of a data directory, from its file PG_VERSION. @throws BackupFailure for a directory that is none */
export async function majorOf(dataDirectory: string): Promise<number> {
  const text = await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8').catch(() => '')
  const major = Number.parseInt(text)
  if (!Number.isSafeInteger(major)) {
    throw new BackupFailure('other', `${dataDirectory} has no PG_VERSION: nothing was restored there`)
  }
  return major
}

/**
 * Finds the programs of a major version: those configured, else those of the running server, else where packages put them.
 * @param runningPid of a server, whose programs come first; of any of its processes
 * @throws BackupFailure version-mismatch when that version is not installed
 */
export async function findServerPrograms(
  major: number,
  options: {
    readonly binDirectory?: string | undefined
    readonly runningPid?: number | undefined
    readonly user: ServerUser
    readonly signal: AbortSignal
  },
): Promise<ServerPrograms> {
  const { binDirectory, runningPid, user, signal } = options
  const running = runningPid === undefined ? undefined : await directoryOfProcess(runningPid)
  const places =
    binDirectory === undefined
      ? [
          ...(running === undefined ? [] : [running]),
          `/usr/lib/postgresql/${major}/bin`,
          `/usr/pgsql-${major}/bin`,
          '/usr/local/pgsql/bin',
        ]
      : [binDirectory]
  for (const directory of places) {
    const asked = await runTool(join(directory, 'postgres'), ['--version'], { user, timeoutMs, signal })
    const version = /\(PostgreSQL\) (\S+)/.exec(asked.stdout)?.[1]
    if (version !== undefined && Number.parseInt(version) === major) return { major, version, directory }
  }
  // Last, because it is that of a package for development, which may be of any version.
  const asked = await runTool('pg_config', ['--bindir'], { user, timeoutMs, signal })
  if (asked.status === 0 && binDirectory === undefined) {
    return findServerPrograms(major, { ...options, binDirectory: asked.stdout.trim() })
  }
  signal.throwIfAborted()
  throw new BackupFailure(
    'version-mismatch',
    `the backup is of PostgreSQL ${major}, and its programs are not in ${places.join(', ')}; install them, or give their directory`,
  )
}

/** Of its program, which an upgrade of the package may have replaced meanwhile. */
async function directoryOfProcess(pid: number): Promise<string | undefined> {
  try {
    return dirname((await readlink(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, ''))
  } catch {
    return undefined
  }
}
