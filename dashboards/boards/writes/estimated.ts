import { inDatabases } from '../../kit/variables.ts'

/** Why there may be no estimate. */
export const noEstimate =
  'Nothing was written, or the rules of record-writes.yaml have nothing yet; they begin two minutes after the first measurement.'

/** What the rules estimate, bytes of WAL per second, of the chosen databases. */
export const ofTables = (by: string): string => `sum by (${by}) (table:pg_wal_bytes:rate5m{${inDatabases}})`
export const ofIndexes = (by: string): string => `sum by (${by}) (index:pg_wal_bytes:rate5m{${inDatabases}})`
/** Of indexes that no session has scanned since the statistics were reset, and that serve queries alone. */
export const ofUnused = (by: string): string =>
  `sum by (${by}) (index:pg_wal_bytes:rate5m{${inDatabases}} and on (cls, ins, datname, idxname) (pg_index_write_scans{${inDatabases}} == 0) and on (cls, ins, datname, idxname) (pg_index_write_optional{${inDatabases}} == 1))`
