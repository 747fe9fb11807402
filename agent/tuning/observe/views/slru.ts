import type { View } from '../view.ts'

/** The small caches that rules look at, as 17 calls them, and their names before. */
export const slrus = [
  ['subtransaction', 'Subtrans'],
  ['multixact_offset', 'MultiXactOffset'],
  ['multixact_member', 'MultiXactMember'],
  ['transaction', 'Xact'],
  ['notify', 'Notify'],
] as const

const columns = slrus.flatMap(([name, before]) => {
  const own = `filter (where name in ('${name}', '${before}'))`
  return [`sum(blks_hit) ${own} as ${name}_hit`, `sum(blks_read) ${own} as ${name}_read`]
})

/** Pages of the small caches of transactions, hits and reads. */
export const slru: View = {
  name: 'slru',
  pace: 'bucket',
  counters: slrus.flatMap(([name]) => [`${name}_hit`, `${name}_read`]),
  gauges: [],
  statement: ({ versionNumber }) =>
    versionNumber < 130_000 ? undefined : `select ${columns.join(', ')} from pg_stat_slru`,
}
