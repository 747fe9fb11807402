import { readlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BackupFailure } from '../backup-failure.ts'
import { runTool } from '../drill/run-tool.ts'
import type { BasebackupOptions } from './options.ts'

export interface BasebackupProgram {
  readonly path: string
  readonly major: number
  /** As it says itself: `15.18`. */
  readonly version: string
}

/** So many later versions are looked for. */
const laterVersions = 5
const timeoutMs = 10_000

/**
 * Finds a pg_basebackup that can copy a server: of the same major version or a later one, as it demands itself.
 * @param major of the server; any program will do without
 * @throws BackupFailure configuration where there is none, version-mismatch where there are only older ones
 */
export async function findBasebackup(
  major: number | undefined,
  { binDirectory, postmasterPid, user }: Pick<BasebackupOptions, 'binDirectory' | 'postmasterPid' | 'user'>,
  signal: AbortSignal,
): Promise<BasebackupProgram> {
  const older: string[] = []
  for (const path of await places(major, binDirectory, await postmasterPid())) {
    const { stdout } = await runTool(path, ['--version'], { user, timeoutMs, signal })
    const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1]
    if (version === undefined) continue
    const found = { path, version, major: Number.parseInt(version) }
    if (found.major >= (major ?? 0)) return found
    older.push(`${path} is of ${version}`)
  }
  signal.throwIfAborted()
  if (older.length > 0) {
    throw new BackupFailure(
      'version-mismatch',
      `the server is PostgreSQL ${major ?? '?'}, and ${older.join(', ')}, which cannot copy it; install the programs of PostgreSQL ${major ?? '?'} or later`,
    )
  }
  throw new BackupFailure(
    'configuration',
    `pg_basebackup is not installed${binDirectory === undefined ? '' : ` in ${binDirectory}`}; it comes with the server or its client programs, and backup.bin_directory says where it is`,
  )
}

async function places(
  major: number | undefined,
  binDirectory: string | undefined,
  pid: number | undefined,
): Promise<readonly string[]> {
  if (binDirectory !== undefined) return [join(binDirectory, 'pg_basebackup')]
  const running =
    pid === undefined
      ? undefined
      : await readlink(`/proc/${pid}/exe`).then(
          (path) => dirname(path),
          () => undefined,
        )
  const versions =
    major === undefined ? [] : Array.from({ length: laterVersions + 1 }, (_, later) => major + later)
  const directories = versions.flatMap((version) => [
    `/usr/lib/postgresql/${version}/bin`,
    `/usr/pgsql-${version}/bin`,
  ])
  const all = [...(running === undefined ? [] : [running]), ...directories, '/usr/local/pgsql/bin']
  return [...all.map((directory) => join(directory, 'pg_basebackup')), 'pg_basebackup']
}
