import type { ArchiveState } from '../report/build-report.ts'
import type { AskServer } from './ask-server.ts'

/**
 * What archiving has failed last is of interest only while nothing was archived since, and where anything is archived at all: a standby
 * keeps what it counted as a primary. The directory of the segments that wait needs
 * pg_monitor, and is there since PostgreSQL 12; who may not look at it hears of the rest.
 */
const archiver = `
select extract(epoch from last_archived_time) * 1000,
       extract(epoch from last_failed_time) * 1000,
       last_failed_wal,
       failed_count,
       extract(epoch from stats_reset) * 1000,
       pg_is_in_recovery()
  from pg_stat_archiver`

const waiting = `
select count(*),
       count(*) * (select setting::bigint from pg_settings where name = 'wal_segment_size')
  from pg_ls_archive_statusdir()
 where name like '%.ready'`

/** @throws PgherdError when the server does not answer */
export async function archiveState(ask: AskServer, signal?: AbortSignal): Promise<ArchiveState> {
  const [row] = await ask(archiver, signal)
  const [archived, failed, failedWal, failures, reset, inRecovery] = row ?? []
  const archivedMs = numberOf(archived)
  const failedMs = numberOf(failed)
  const isFailing = inRecovery !== 't' && failedMs !== null && failedMs > (archivedMs ?? -Infinity)
  const [count, bytes] = await ask(waiting, signal).then(
    ([first]) => [numberOf(first?.[0]), numberOf(first?.[1])] as const,
    () => [null, null] as const,
  )
  return {
    waitingSegments: count,
    waitingBytes: bytes,
    // From the last success on nothing has come through; before the first, since the counters began.
    failingSinceMs: isFailing ? (archivedMs ?? numberOf(reset) ?? failedMs) : null,
    lastFailure: isFailing
      ? `archive_command failed for ${failedWal ?? 'a segment'} at ${new Date(failedMs).toISOString()}, ${failures ?? '?'} times in all`
      : null,
  }
}

function numberOf(text: string | null | undefined): number | null {
  return text == null ? null : Number(text)
}
