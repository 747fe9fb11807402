import { z } from 'zod'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import { extensionMap, factColumns, nameList } from './database-facts.ts'
import type { ResultTable } from './result-table.ts'
import type { Session } from './session.ts'

/** What decides which probes fit a server. Everything but the version can change while it runs. */
export interface Capabilities {
  /** As in server_version_num: 180004. */
  readonly versionNumber: number
  readonly inRecovery: boolean
  readonly database: string
  readonly user: string
  /** Installed in this database, with their versions; while the catalog is locked, as it was before. */
  readonly extensions: ReadonlyMap<string, string>
  /** Of those that were asked for, the ones that exist. */
  readonly schemas: ReadonlySet<string>
  /** Those that the role may connect to, without templates; kept like the extensions while the catalog is locked. */
  readonly databases: readonly string[]
  /** Process of our own session on the server's machine. */
  readonly backendPid: number
  /** Of pg_control; undefined where the role may not read it. */
  readonly systemIdentifier: string | undefined
}

const statement = `
select current_setting('server_version_num')      as version_number,
       pg_is_in_recovery()                        as in_recovery,
       current_database()                         as database,
       current_user                               as "user",
       ${factColumns},
       (select coalesce(json_agg(datname order by datname), '[]')
          from pg_database
         where datallowconn and not datistemplate and has_database_privilege(oid, 'connect')) as databases,
       pg_backend_pid()                           as backend_pid`

/**
 * The same without the catalog tables, which somebody may have locked (VACUUM FULL of a whole database does): a server
 * is not down because its extensions cannot be looked up.
 */
const lockFreeStatement = `
select current_setting('server_version_num'), pg_is_in_recovery(), current_database(), current_user,
       null, null, null, pg_backend_pid()`

const lockNotAvailable = '55P03'

const answer = z.tuple([
  z.coerce.number().int(),
  z.enum(['t', 'f']).transform((flag) => flag === 't'),
  z.string(),
  z.string(),
  extensionMap.nullable(),
  nameList.nullable(),
  nameList.nullable(),
  z.coerce.number().int(),
])

/** Reads what the connected server can do: one cheap statement, so that it can be asked before each scrape. */
export interface CapabilityReader {
  /** @throws PgherdError of `Session.query`, or BAD_DATA when the answer makes no sense */
  read(timeoutMs: number): Promise<Capabilities>
}

/** @param schemas names of schemas that some probe depends on */
export function createCapabilityReader(session: Session, schemas: readonly string[]): CapabilityReader {
  let identified: { readonly generation: number; readonly systemIdentifier: string | undefined } | undefined
  let catalog: Pick<Capabilities, 'extensions' | 'schemas' | 'databases'> = {
    extensions: new Map(),
    schemas: new Set(),
    databases: [],
  }

  const ask = async (timeoutMs: number): Promise<ResultTable> => {
    try {
      const named = { name: 'pgherd_capabilities', text: statement, values: [schemas] }
      return await session.query(named, timeoutMs)
    } catch (error) {
      if (toPgherdError(error).details['sqlstate'] !== lockNotAvailable) throw error
      return session.query({ text: lockFreeStatement }, timeoutMs)
    }
  }

  return {
    async read(timeoutMs) {
      const { rows } = await ask(timeoutMs)
      const parsed = answer.safeParse(rows[0])
      if (!parsed.success) {
        throw new PgherdError('BAD_DATA', 'PostgreSQL gave no sensible answer about its version and role', {
          details: { row: rows[0] },
        })
      }
      // A data directory cannot be exchanged under a live connection.
      if (identified?.generation !== session.generation) {
        const systemIdentifier = await readSystemIdentifier(session, timeoutMs)
        identified = { generation: session.generation, systemIdentifier }
      }
      const [versionNumber, inRecovery, database, user, extensions, found, databases, backendPid] =
        parsed.data
      if (extensions !== null && found !== null && databases !== null) {
        catalog = { extensions: new Map(Object.entries(extensions)), schemas: new Set(found), databases }
      }
      return {
        versionNumber,
        inRecovery,
        database,
        user,
        ...catalog,
        backendPid,
        systemIdentifier: identified.systemIdentifier,
      }
    },
  }
}

/**
 * Of pg_control; undefined where the role may not read it.
 * @throws PgherdError of `Session.query`
 */
export async function readSystemIdentifier(
  session: Pick<Session, 'query'>,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const { rows } = await session.query(
      { text: 'select system_identifier from pg_control_system()' },
      timeoutMs,
    )
    return rows[0]?.[0] ?? undefined
  } catch (error) {
    // A role without EXECUTE on it is measured all the same.
    if (error instanceof PgherdError && error.code === 'PROBE_FAILED') return undefined
    throw error
  }
}
