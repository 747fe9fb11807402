import { z } from 'zod'
import { toPgherdError } from '../../../common/errors.ts'
import { hideSecrets } from '../../../common/hide-secrets.ts'
import type { LentConnection } from '../insight-server.ts'
import { factsQuery } from './class-queries.ts'
import type { ObjectClass } from './classes/object-class.ts'

/** An object as it is, with the digest of what it is. */
export interface ReadObject {
  readonly oid: number
  readonly kind: string
  readonly name: string
  readonly parentOid: number | null
  readonly parent: string | null
  readonly facts: Readonly<Record<string, string>>
  readonly digest: number
}

/** What statements of measuring are limited to already. */
const limitMs = 2_000
const lockNotAvailable = '55P03'

const row = z.tuple([
  z.coerce.number(),
  z.string(),
  z.string(),
  z.coerce.number().nullable(),
  z.string().nullable(),
  z
    .string()
    .nullable()
    .transform((text): unknown => JSON.parse(text ?? '{}'))
    .pipe(z.record(z.string(), z.string())),
  z.coerce.number(),
])

/**
 * Reads objects of one class. Those whose relation somebody has or wants exclusively, and those for which the server had no time, are
 * not in the answer, and neither are those that are gone.
 * @throws PgherdError of `query`, unless it is about a lock or the time that few objects take
 */
export async function readObjects(
  connection: LentConnection,
  objectClass: ObjectClass,
  oids: readonly number[],
): Promise<readonly ReadObject[]> {
  if (oids.length === 0) return []
  try {
    const { rows } = await connection.query(
      {
        name: `pgherd_schema_${objectClass.name.replaceAll(' ', '_')}`,
        text: factsQuery(objectClass),
        values: [`{${oids.join(',')}}`],
      },
      limitMs,
    )
    return rows.map((cells) => {
      const [oid, kind, name, parentOid, parent, facts, digest] = row.parse(cells)
      return { oid, kind, name, parentOid, parent, facts: withoutSecrets(facts), digest }
    })
  } catch (error) {
    const { code, details } = toPgherdError(error)
    // A lock that was asked for since the look at pg_locks holds up whoever reads one object; the others can be had.
    const isLock = details['sqlstate'] === lockNotAvailable
    const isSlow = code === 'TIMED_OUT' && details['sqlstate'] !== undefined
    if (!isLock && !isSlow) throw error
    if (oids.length === 1) return []
    const half = oids.length >> 1
    const first = await readObjects(connection, objectClass, oids.slice(0, half))
    return [...first, ...(await readObjects(connection, objectClass, oids.slice(half)))]
  }
}

const suspicious = /passw|passphrase|secret|token|api_?key|:\/\//i

function withoutSecrets(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(facts)
  if (!entries.some(([, text]) => suspicious.test(text))) return facts
  return Object.fromEntries(entries.map(([name, text]) => [name, hideSecrets(text)]))
}
