import { onTestFinished } from 'vitest'
import type { BasebackupOptions } from '../../../../agent/backup/basebackup/options.ts'
import { createPgBasebackup } from '../../../../agent/backup/basebackup/pg-basebackup.ts'
import { askServer } from '../../../../agent/backup/server/ask-server.ts'
import { systemClock } from '../../../../common/clock.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'

export const never: AbortSignal = new AbortController().signal

/** Of Debian's package, whose programs are all there: they copy servers of this major version and earlier ones. */
export const programsOf15 = '/usr/lib/postgresql/15/bin'

/** A directory of the servers' user for the length of a test. */
export function ownDirectory(name: string): string {
  const own = createOwnDirectory({ prefix: `pgherd-${name}-` }, unprivilegedOwner())
  onTestFinished(() => own[Symbol.dispose]())
  return own.path
}

/** pg_basebackup of a test bed's server, as the user of the servers, into a directory that is empty at first. */
export function basebackupOf(
  postgres: PostgresServer,
  directory: string,
  more: Partial<BasebackupOptions> = {},
) {
  const way = more.way ?? { url: postgres.url() }
  return createPgBasebackup({
    directory,
    retention: { full: { kind: 'count', value: 2 }, diff: null },
    compression: { type: 'gz', level: 1 },
    maxRate: null,
    nice: 5,
    way,
    ask: askServer(way, systemClock),
    postmasterPid: () => Promise.resolve(postgres.isRunning() ? postgres.pid : undefined),
    binDirectory: programsOf15,
    user: unprivilegedOwner() ?? null,
    clock: systemClock,
    ...more,
  })
}
