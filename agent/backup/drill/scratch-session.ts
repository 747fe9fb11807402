import type { Clock } from '../../../common/clock.ts'
import { createSession } from '../../postgres/session.ts'
import type { Session } from '../../postgres/session.ts'
import type { ScratchServer } from './scratch-server.ts'

/** A session of one database of a scratch server, read-only; connects when asked to. */
export function scratchSession(
  server: Pick<ScratchServer, 'socketDirectory' | 'port'>,
  options: { readonly superuser: string; readonly database: string; readonly clock: Clock },
): Session {
  const user = encodeURIComponent(options.superuser)
  const database = encodeURIComponent(options.database)
  const host = encodeURIComponent(server.socketDirectory)
  return createSession({
    url: `postgres://${user}@localhost:${server.port}/${database}?host=${host}`,
    clock: options.clock,
    backoff: { next: () => 0, reset: () => undefined },
  })
}
