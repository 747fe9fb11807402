import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { openConnection } from '../../postgres/connection.ts'
import type { Connection } from '../../postgres/connection.ts'
import type { FoundServer } from '../find/found.ts'
import { actingAs } from '../host/acting-as.ts'
import type { UserNames } from '../host/user-names.ts'

const timeoutMs = 5_000
const undefinedObject = '42704'
export const database = 'postgres'

/**
 * A connection to a server as its superuser: through its Unix socket, on which it knows the user who runs it (`peer`). Root acts as that user
 * while it connects, as PostgreSQL asks the kernel who that was (SO_PEERCRED, unix(7)).
 * @param isWriting whether it may change something
 * @throws PgherdError POSTGRES_UNAVAILABLE, or REFUSED where this user cannot become the server's
 */
export async function openAsOwner(
  server: FoundServer,
  {
    users,
    clock,
    isWriting,
  }: { readonly users: UserNames; readonly clock: Clock; readonly isWriting: boolean },
): Promise<Connection> {
  const { port, socketDirectory, uid, gid, dataDirectory } = server
  const user = users.nameOf(uid)
  if (socketDirectory === undefined || user === undefined) {
    const why =
      socketDirectory === undefined ? 'has no Unix socket' : `is run by user ${uid}, who has no name`
    throw new PgherdError(
      'REFUSED',
      `the server of ${dataDirectory} ${why}; allowed: unix_socket_directories with one, and a user of /etc/passwd`,
    )
  }
  const attempt = (withoutJit: boolean): Promise<Connection> =>
    actingAs({ user, uid, gid }, () =>
      openConnection({
        target: { host: socketDirectory, port, user, database, password: undefined, tls: undefined },
        password: () =>
          Promise.reject(
            new PgherdError(
              'POSTGRES_UNAVAILABLE',
              `PostgreSQL at ${socketDirectory}:${port} asks its own user ${user} for a password on the socket; allowed: "local all ${user} peer" before other lines of pg_hba.conf`,
            ),
          ),
        searchPath: 'pg_catalog',
        timeoutMs,
        withoutJit,
        isReadOnlyFromStart: !isWriting,
        applicationName: 'pgherd setup',
        clock,
        signal: new AbortController().signal,
      }),
    )
  try {
    return await attempt(true)
  } catch (error) {
    // PostgreSQL 10 has no JIT.
    if (!(error instanceof PgherdError) || error.details['sqlstate'] !== undefinedObject) throw error
    return attempt(false)
  }
}
