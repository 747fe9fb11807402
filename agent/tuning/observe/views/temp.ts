import type { View } from '../view.ts'

/** Of the tablespaces that temp_tablespaces does not name, where almost all of them are. A standby has them as well. */
const files = `select coalesce(sum(size), 0) as bytes from pg_ls_tmpdir()`

/** How much room temporary files take at the moment. */
export const temp: View = {
  name: 'temp',
  pace: 'sample',
  counters: [],
  gauges: ['bytes'],
  statement: ({ versionNumber }) => (versionNumber < 120_000 ? undefined : files),
}
