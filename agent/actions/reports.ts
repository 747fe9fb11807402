import { activity } from './reports/activity.ts'
import { ash } from './reports/ash.ts'
import { connections } from './reports/connections.ts'
import { databases } from './reports/databases.ts'
import { locks } from './reports/locks.ts'
import { queries } from './reports/queries.ts'
import { replication } from './reports/replication.ts'
import type { Report } from './reports/report.ts'
import { settings } from './reports/settings.ts'
import { sizes } from './reports/sizes.ts'
import { slots } from './reports/slots.ts'
import { vacuum } from './reports/vacuum.ts'
import { waits } from './reports/waits.ts'
import { walWriters } from './reports/wal-writers.ts'

/** Everything that `show` can show. */
export const reports: readonly Report[] = [
  activity,
  ash,
  connections,
  databases,
  locks,
  queries,
  replication,
  settings,
  sizes,
  slots,
  vacuum,
  waits,
  walWriters,
]
