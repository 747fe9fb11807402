import type { View } from '../view.ts'

const waiting = `
select count(*) as ready
  from pg_ls_archive_statusdir()
 where name like '%.ready' and current_setting('archive_mode') <> 'off'`

/** Segments that wait for the archiver. Apart from its other numbers, because it may be a long list, and not every role may read it. */
export const archiveStatus: View = {
  name: 'archive_status',
  pace: 'bucket',
  counters: [],
  gauges: ['ready'],
  statement: ({ versionNumber }) => (versionNumber < 120_000 ? undefined : waiting),
}
