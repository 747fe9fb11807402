import { z } from 'zod'
import type { SchemaAct } from '../../../common/insight/schema-changes.ts'
import type { LentConnection } from '../insight-server.ts'
import { toldStatement } from './changing-statement.ts'

/** What the event trigger that `ddl-trigger-install` makes has written down. */
export interface TriggerRow {
  readonly id: number
  readonly atMs: number
  readonly command: string
  readonly kind: string
  readonly identity: string
  /** 0 where the server does not tell, as of GRANT. */
  readonly oid: number
  readonly act: SchemaAct
}

const limitMs = 2_000
const most = 500

const row = z.tuple([
  z.coerce.number(),
  z.coerce.number(),
  z.string(),
  z.coerce.number(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
  z.string(),
  z.string().nullable(),
  z.coerce.number(),
  z.string().nullable(),
  z.string().nullable(),
])

/**
 * Rows that transactions as new as `since` wrote; none where the trigger is not installed or its table may not be read.
 * @throws PgherdError of `query`
 */
export async function readTriggerRows(
  connection: LentConnection,
  since: string,
): Promise<readonly TriggerRow[]> {
  const there = await connection.query(
    {
      name: 'pgherd_schema_has_trigger',
      text: `
select coalesce(has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'), false)
  from pg_namespace n join pg_class c on c.relnamespace = n.oid
 where n.nspname = 'pgherd_ddl' and c.relname = 'log'`,
    },
    limitMs,
  )
  if (there.rows[0]?.[0] !== 't') return []
  const { rows } = await connection.query(
    {
      text: `
select l.id, floor(1000 * extract(epoch from l.at)), l.xid::text, l.pid, l.actor, l.application, host(l.client), l.command, l.kind,
       l.object, l.identity, l.statement
  from pgherd_ddl.log l
 where age(l.xmin) <= age($1::text::xid)
 order by l.id desc
 limit ${most}`,
      values: [since],
    },
    limitMs,
  )
  return rows.map((cells): TriggerRow => {
    const [id, atMs, xid, pid, actor, application, client, command, kind, ...rest] = row.parse(cells)
    const [oid, identity, statement] = rest
    return {
      ...{ id, atMs, command, oid },
      kind: kind ?? '',
      identity: identity ?? '',
      act: {
        ...{ source: 'event trigger', pid, actor, client, xid, startedMs: atMs, endedMs: atMs },
        application: application === '' ? null : application,
        statement: statement === null ? null : toldStatement(statement),
        ...{ lock: null, lockMs: null, waiters: null },
      },
    }
  })
}
