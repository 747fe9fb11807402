import type { PostgresServer } from '../postgres.ts'
import { waitFor } from '../wait.ts'

/** Ends the current WAL segment, which gets a record for that, and waits until it is archived. @returns its name */
export async function archiveNow(postgres: PostgresServer): Promise<string> {
  await postgres.query(`select pg_create_restore_point('end of segment')`)
  const [row] = await postgres.query<{ name: string }>(`select pg_walfile_name(pg_switch_wal()) as name`)
  const name = row!.name
  let seen = ''
  await waitFor(
    `${name} to be archived`,
    async () => {
      const [now] = await postgres.query<{ last: string | null; failed: string | null }>(
        `select last_archived_wal as last, last_failed_wal as failed from pg_stat_archiver`,
      )
      seen = `archived until ${now?.last ?? 'never'}, failed last with ${now?.failed ?? 'none'}`
      return (now?.last ?? '') >= name
    },
    { timeoutMs: 60_000, explain: () => seen },
  )
  return name
}
