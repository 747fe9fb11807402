import { reportTimeoutMs } from './report.ts'
import type { Report } from './report.ts'

const text = `
select coalesce(wait_event_type || ':' || wait_event, 'on CPU'),
       backend_type,
       count(*)
  from pg_stat_activity
 where pid <> pg_backend_pid()
   -- Processes of the server that wait for work do nothing.
   and case when backend_type = 'client backend' then state = 'active'
            else coalesce(wait_event_type, '') <> 'Activity' and backend_type <> 'client backend' end
 group by 1, 2
 limit 1000`

const samples = 10
const pauseMs = 90

export const waits: Report = {
  name: 'waits',
  what: 'what working sessions wait for, looked at ten times within a second',
  async read({ session, limit, clock, signal }) {
    const sums = new Map<string, { readonly cells: readonly [string, string]; sum: number; seen: number }>()
    let taken = 0
    for (; taken < samples && !signal.aborted; taken++) {
      if (taken > 0) await clock.sleep(pauseMs, signal)
      const { rows } = await session.read({ text }, reportTimeoutMs)
      for (const [wait, by, count] of rows) {
        const key = `${wait}\0${by}`
        const entry = sums.get(key) ?? { cells: [wait ?? '', by ?? ''], sum: 0, seen: 0 }
        entry.sum += Number(count)
        entry.seen++
        sums.set(key, entry)
      }
    }
    const all = [...sums.values()].sort((a, b) => b.sum - a.sum)
    const total = all.reduce((sum, entry) => sum + entry.sum, 0)
    if (total === 0) {
      return [{ type: 'text', title: 'Waits', lines: [`Nothing was active in ${taken} looks.`] }]
    }
    return [
      {
        type: 'table',
        title: `Waits in ${taken} looks`,
        columns: [
          { name: 'wait', align: 'left' },
          { name: 'by', align: 'left' },
          { name: 'sessions', align: 'right' },
          { name: '%', align: 'right' },
          { name: 'seen', align: 'right' },
        ],
        rows: all
          .slice(0, limit)
          .map(({ cells, sum, seen }) => [
            ...cells,
            (sum / taken).toFixed(1),
            ((100 * sum) / total).toFixed(1),
            String(seen),
          ]),
        truncated: all.length > limit,
      },
    ]
  },
}
