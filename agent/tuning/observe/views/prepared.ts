import type { View } from '../view.ts'

/** Transactions that were prepared and wait for somebody to commit them; their age in seconds. */
export const prepared: View = {
  name: 'prepared',
  pace: 'bucket',
  counters: [],
  gauges: ['transactions', 'oldest_seconds'],
  statement: () => `
    select count(*) as transactions,
           coalesce(extract(epoch from now() - min(prepared)), 0) as oldest_seconds
      from pg_prepared_xacts`,
}
