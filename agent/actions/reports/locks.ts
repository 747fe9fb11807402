import { shortText } from '../short-text.ts'
import { lockTree } from './lock-tree.ts'
import type { LockNode } from './lock-tree.ts'
import { reportTimeoutMs } from './report.ts'
import type { Report } from './report.ts'

/** Rows: key, blockers, what is waited for, how long, then columns as they are shown. */
const text = `
with waiting as materialized (
  select pid, pg_blocking_pids(pid) as blockers
    from pg_stat_activity
   where wait_event_type = 'Lock'
   limit 1000
),
locks as materialized (
  select * from pg_locks
   where pid is null or pid in (select pid from waiting)
),
-- pg_blocking_pids gives 0 for a prepared transaction: those that hold something on what is waited for.
prepared as (
  select distinct w.pid, x.gid
    from waiting w
    join locks asked on asked.pid = w.pid and not asked.granted
    join locks held
      on held.pid is null
     and held.granted
     and held.locktype = asked.locktype
     and held.database is not distinct from asked.database
     and held.relation is not distinct from asked.relation
     and held.page is not distinct from asked.page
     and held.tuple is not distinct from asked.tuple
     and held.transactionid is not distinct from asked.transactionid
     and held.classid is not distinct from asked.classid
     and held.objid is not distinct from asked.objid
     and held.objsubid is not distinct from asked.objsubid
    -- A prepared transaction keeps the lock on its own number.
    join locks own
      on own.pid is null
     and own.locktype = 'transactionid'
     and own.mode = 'ExclusiveLock'
     and own.granted
     and own.virtualtransaction = held.virtualtransaction
    join pg_prepared_xacts x on x.transaction = own.transactionid
   where 0 = any (w.blockers)
),
edges as (
  select pid, blocker::text as blocker from waiting, unnest(blockers) as blocker where blocker <> 0
  union
  select pid, 'prepared ' || gid from prepared
)
select a.pid::text,
       array(select blocker from edges e where e.pid = a.pid order by blocker)::text[],
       l.mode || ' on ' || case
         when l.relation is not null and l.database = (select oid from pg_database where datname = current_database())
           then l.relation::regclass::text
         when l.relation is not null then 'relation ' || l.relation || ' of database ' || a.datname
         when l.transactionid is not null then 'transaction ' || l.transactionid
         else l.locktype
       end,
       date_trunc('milliseconds', clock_timestamp() - l.waitstart)::text,
       a.usename, a.datname, a.application_name, a.state,
       date_trunc('milliseconds', clock_timestamp() - a.xact_start)::text,
       a.backend_start::text, a.xact_start::text, left(a.query, 1000)
  from pg_stat_activity a
  left join lateral (select * from locks where locks.pid = a.pid and not granted limit 1) l on true
 where a.pid in (select pid from waiting)
    or a.pid::text in (select blocker from edges)
union all
select 'prepared ' || gid, '{}', null, null, owner, database, null, 'prepared',
       date_trunc('milliseconds', clock_timestamp() - prepared)::text, null, null, null
  from pg_prepared_xacts
 where gid in (select gid from prepared)
 limit $1::bigint`

const columns = [
  'session',
  'waits_for',
  'waited',
  'also_behind',
  'user',
  'database',
  'application',
  'state',
  'in_transaction',
  'backend_start',
  'xact_start',
  'query',
]

interface Waiter extends LockNode {
  readonly cells: readonly (string | null)[]
}

export const locks: Report = {
  name: 'locks',
  what: 'who waits for whom, as a tree, prepared transactions included',
  async read({ session, limit }) {
    const { rows } = await session.read({ text, values: [String(limit + 1)] }, reportTimeoutMs)
    if (rows.length === 0) return [{ type: 'text', title: 'Locks', lines: ['Nobody waits for a lock.'] }]
    const nodes = rows.slice(0, limit).map(([key, blockers, ...cells]): Waiter => {
      return { key: key ?? '', blockers: arrayOf(blockers ?? '{}'), cells }
    })
    return [
      {
        type: 'table',
        title: 'Locks',
        columns: columns.map((name) => ({
          name,
          align: name === 'waited' || name === 'in_transaction' ? 'right' : 'left',
        })),
        rows: lockTree(nodes).map(({ node, depth }) => {
          const [waitsFor, waited, ...about] = node.cells
          const session = `${'  '.repeat(depth)}${depth > 0 ? '└ ' : ''}${node.key}`
          const also = node.blockers.slice(1).join(' ')
          const cells = [waitsFor, waited, also === '' ? null : also, ...about]
          return [session, ...cells.map((cell) => (cell == null ? null : shortText(cell)))]
        }),
        truncated: rows.length > limit,
      },
    ]
  },
}

/** Elements of an array's text; a gid may hold anything, which PostgreSQL then quotes. */
function arrayOf(literal: string): readonly string[] {
  return [...literal.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll(/\\(.)/g, '$1'),
  )
}
