import { createPgBackRest } from '../../../../agent/backup/engine/pgbackrest.ts'
import type { PgBackRestOptions } from '../../../../agent/backup/engine/pgbackrest.ts'
import { systemClock } from '../../../../common/clock.ts'
import type { ArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'

/** An engine for the test bed's server, as the user of the servers. */
export function engineOf({ configFile, stanza }: ArchivingPostgres, more: Partial<PgBackRestOptions> = {}) {
  const user = unprivilegedOwner()
  return createPgBackRest({
    ...{ command: ['pgbackrest'], configFile, stanza, user, nice: 5, clock: systemClock },
    ...more,
  })
}

export const never: AbortSignal = new AbortController().signal
