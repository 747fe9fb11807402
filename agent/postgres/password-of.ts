import { readFile } from 'node:fs/promises'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { pgpassPassword } from './pgpass.ts'
import type { Target } from './target.ts'

export interface PasswordSources {
  /** Its first line is the password. */
  readonly passwordFile?: string | undefined
  /** In libpq's format, asked when neither URL nor password file gives a password. */
  readonly pgpassFile?: string | undefined
}

/**
 * Undefined where there is none, which is well with peer or trust.
 * @param databases by which lines of the .pgpass file are found; the target's unless told
 * @throws PgherdError POSTGRES_UNAVAILABLE for a password file that cannot be read, or has no password
 */
export async function passwordIfAny(
  target: Target,
  { passwordFile, pgpassFile }: PasswordSources,
  databases: readonly string[] = [target.database],
): Promise<string | undefined> {
  if (passwordFile !== undefined) return firstLine(passwordFile)
  if (target.password !== undefined || pgpassFile === undefined) return target.password
  for (const database of databases) {
    const found = await pgpassPassword(pgpassFile, { ...target, database })
    if (found !== undefined) return found
  }
  return undefined
}

/** @throws PgherdError POSTGRES_UNAVAILABLE where there is none */
export async function passwordOf(
  target: Target,
  sources: PasswordSources,
  databases?: readonly string[],
): Promise<string> {
  const found = await passwordIfAny(target, sources, databases)
  if (found !== undefined) return found
  throw new PgherdError(
    'POSTGRES_UNAVAILABLE',
    `${target.host}:${target.port} asks ${target.user} for a password, and there is none: allowed are a password file, one in the URL, a line in .pgpass, or peer authentication on the socket`,
  )
}

/** libpq asks a .pgpass file for replication by that name; a line for the database that is measured does as well. */
export function replicationDatabases({ database }: Target): readonly string[] {
  return ['replication', database]
}

async function firstLine(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const message = `the password file cannot be read: ${messageOf(cause)}`
    throw new PgherdError('POSTGRES_UNAVAILABLE', message, { cause })
  })
  const [password = ''] = text.split(/\r?\n/, 1)
  if (password !== '') return password
  throw new PgherdError('POSTGRES_UNAVAILABLE', `the first line of the password file ${file} is empty`)
}
