import type { KnownPassword } from '../../common/known-passwords/known-passwords.ts'
import type { Connection } from '../postgres/connection.ts'
import { maxConnections } from '../postgres/connection-slots.ts'
import type { ConnectionSlots } from '../postgres/connection-slots.ts'
import { measuringConnection } from '../postgres/measuring-connection.ts'
import { tryEach, withoutPassword } from './candidate.ts'
import type { Look } from './candidate.ts'
import { isVerifierOf } from './scram.ts'
import { tryLogin } from './try-login.ts'

/** A server or pooler that is measured. */
export interface WatchedServer {
  readonly kind: 'postgres' | 'pgbouncer'
  readonly host: string
  readonly port: number
  readonly database: string
  readonly slots: ConnectionSlots
}

type Lent = Pick<Connection, 'query'>

const loginMs = 10_000
const queryMs = 2_000

/**
 * Which roles of a server have a password of the list. Where the agent may read pg_authid the verifiers are compared and nobody logs in; else each role
 * that exists and may log in is tried. A pooler's users are those that its console lists.
 * @returns undefined where it is not measured just now @throws PgherdError of `tryLogin` and `Connection.query`
 */
export async function lookAtServer(
  server: WatchedServer,
  known: readonly KnownPassword[],
  about: { readonly turn: number; readonly signal: AbortSignal },
): Promise<Look | undefined> {
  const { kind, host, port, database, slots } = server
  const lent = measuringConnection(slots, database)
  if (lent === undefined) return undefined
  const address = `${host}:${port}`
  const mine = known.filter(({ service }) => service === 'postgres')
  // The console itself is for its admins only.
  const through = kind === 'pgbouncer' ? await firstDatabase(lent) : database
  const verifiers = kind === 'postgres' ? await readVerifiers(lent) : undefined
  const { found, open } =
    verifiers === undefined
      ? await tryEach(
          await existing(server, lent, mine),
          ({ user, password }) =>
            inSlot(slots, () => attempt({ host, port, database: through, user, password })),
          about,
        )
      : {
          found: mine.filter(({ user, password }) => isVerifierOf(verifiers.get(user) ?? '', user, password)),
          open: [],
        }
  return { found: found.map((one) => withoutPassword(one, address, kind)), open }
}

/** pg_hba.conf may turn away one role and judge the next. */
async function attempt(login: Parameters<typeof tryLogin>[0]): Promise<boolean | 'passed-over'> {
  const outcome = await tryLogin(login, loginMs)
  return outcome === 'not-asked' ? 'passed-over' : outcome === 'accepted'
}

/** A try takes the second place on a server, as everything beside measuring; undefined where that is taken. */
async function inSlot<T>(slots: ConnectionSlots, work: () => Promise<T>): Promise<T | undefined> {
  if (slots.size >= maxConnections) return undefined
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const slot = { isOfAction: false, connection: undefined, isCut: false, closed: promise }
  slots.add(slot)
  try {
    return await work()
  } finally {
    slots.delete(slot)
    resolve(undefined)
  }
}

/** undefined where they may not be read, which is usual: only superusers may. */
async function readVerifiers(lent: Lent): Promise<ReadonlyMap<string, string> | undefined> {
  const may = await lent.query(
    { text: "select has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'select')" },
    queryMs,
  )
  if (may.rows[0]?.[0] !== 't') return undefined
  const { rows } = await lent.query(
    {
      text: 'select rolname, rolpassword from pg_catalog.pg_authid where rolcanlogin and rolpassword is not null',
    },
    queryMs,
  )
  return new Map(rows.map(([name, verifier]) => [name ?? '', verifier ?? '']))
}

async function existing(
  { kind }: WatchedServer,
  lent: Lent,
  known: readonly KnownPassword[],
): Promise<readonly KnownPassword[]> {
  const text =
    kind === 'pgbouncer'
      ? 'SHOW USERS'
      : `select rolname from pg_catalog.pg_roles
          where rolcanlogin and (rolvaliduntil is null or rolvaliduntil > now())`
  const { rows } = await lent.query({ text }, queryMs)
  const names = new Set(rows.map(([name]) => name))
  return known.filter(({ user }) => names.has(user))
}

/** One behind `*` is listed only while it is in use: any name does for a login. */
async function firstDatabase(lent: Lent): Promise<string> {
  const { rows } = await lent.query({ text: 'SHOW DATABASES' }, queryMs)
  return rows.map(([name]) => name ?? '').find((name) => name !== '' && name !== 'pgbouncer') ?? 'postgres'
}
