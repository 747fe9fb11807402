import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { identifySystem } from '../../postgres/identify-system.ts'
import type { IdentifiedSystem } from '../../postgres/identify-system.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { AskServer } from '../server/ask-server.ts'
import type { ServerWay } from './options.ts'

/** The server as far as a backup wants to know it. */
export interface CopiedServer extends IdentifiedSystem {
  /** server_version_num. */
  readonly versionNumber: number
  readonly isStandby: boolean
  readonly tablespaces: readonly { readonly oid: string; readonly name: string }[]
}

const facts = `
select current_setting('server_version_num'), pg_is_in_recovery(),
       (select coalesce(json_agg(json_build_object('oid', oid::text, 'name', spcname)), '[]')
          from pg_tablespace where oid >= 16384),
       current_setting('wal_level'), current_setting('max_wal_senders'), current_user,
       (select rolreplication or rolsuper from pg_roles where rolname = current_user)`

const row = z.tuple([
  z.coerce.number().int(),
  z.string().transform((flag) => flag === 't'),
  z.string().transform((text) => tablespaces.parse(JSON.parse(text))),
  z.string(),
  z.coerce.number(),
  z.string(),
  z.string().transform((flag) => flag === 't'),
])
const tablespaces = z.array(z.object({ oid: z.string(), name: z.string() }))

const timeoutMs = 10_000
/** Since 13 there are manifests. */
const oldest = 130_000

/**
 * Asks the server over an ordinary connection, and opens one for replication to see that a backup may.
 * @throws BackupFailure server-unreachable, or configuration with what has to be changed on the server
 */
export async function readServer(
  { ask, way, clock }: { readonly ask: AskServer; readonly way: ServerWay; readonly clock: Clock },
  signal: AbortSignal,
): Promise<CopiedServer> {
  const rows = await ask(facts, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw refused(error, 'it cannot be asked')
  })
  const [versionNumber, isStandby, spaces, walLevel, senders, user, mayReplicate] = row.parse(rows[0])
  if (versionNumber < oldest) {
    const text = `the server is PostgreSQL ${Math.floor(versionNumber / 10_000)}; before 13 its copies have no manifest to prove them by`
    throw new BackupFailure('version-mismatch', text)
  }
  const lacks = [
    ...(walLevel === 'minimal' ? ['wal_level is minimal; set it to replica and restart the server'] : []),
    ...(senders < 2
      ? [`max_wal_senders is ${senders}; a backup takes two, set it to 10 and restart the server`]
      : []),
    ...(mayReplicate ? [] : [`the role ${user} may not replicate: alter role ${user} replication`]),
  ]
  if (lacks.length > 0) throw new BackupFailure('configuration', lacks.join('; '))
  const system = await identifySystem({ ...way, clock, timeoutMs }).catch((error: unknown) => {
    throw refused(error, 'it does not allow replication')
  })
  return { ...system, versionNumber, isStandby, tablespaces: spaces }
}

/** SQLSTATEs: class 28 is authentication, 3D an unknown database, 42 a privilege (errcodes.txt). */
function refused(error: unknown, what: string): BackupFailure {
  const told = error instanceof PgherdError ? error.details['sqlstate'] : undefined
  const state = typeof told === 'string' ? told : ''
  const isRefusal = /^(?:28|3D|42)/.test(state)
  const isOurs = error instanceof PgherdError && error.code === 'CONFIG_INVALID'
  const hint =
    state === '28000' && what.includes('replication')
      ? '; pg_hba.conf needs a line of type host or local with the database replication'
      : ''
  return new BackupFailure(
    isRefusal || isOurs ? 'configuration' : 'server-unreachable',
    `${what}: ${messageOf(error)}${hint}`,
    { cause: error },
  )
}
