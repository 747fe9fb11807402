import type { Detail } from './detail.ts'

export interface RemovedWal {
  /** How often the newest part of the log says that a standby wanted WAL that was not there any more. */
  readonly refusals: number
  /** How large that part is. */
  readonly bytes: number
}

const readMs = 5_000
const tailBytes = 256 * 1024

/** What a WAL sender says, and the standby that hears it (PostgreSQL's walsender.c); the log may be in another language, and is then silent. */
const message = 'has already been removed'

/**
 * Read as bytes, because the beginning of the part may be in the middle of a character. A server without a log of its own (logging_collector)
 * has no name for it, and only superusers and whom they let may read files.
 */
const text = `
select (length(part) - length(replace(part, $2::text, ''))) / length($2::text), length(part)
  from (select encode(pg_read_binary_file(file, greatest(0, (pg_stat_file(file)).size - $1::bigint), $1::bigint), 'escape') as part
          from (select pg_current_logfile('stderr') as file) as current
         where file is not null) as tail`

export const removedWal: Detail<RemovedWal> = {
  name: 'removedWal',
  async read(session) {
    const { rows } = await session.read({ text, values: [String(tailBytes), message] }, readMs)
    const [refusals, bytes] = rows[0] ?? []
    return refusals == null ? undefined : { refusals: Number(refusals), bytes: Number(bytes) }
  },
}
