import type { LiveServer } from '../drill/live-server.ts'
import type { AskServer } from './ask-server.ts'

/** What a standby must have at least as high as its primary. */
const standbySettings = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
]

const facts = `
select (select rolname from pg_roles where oid = 10),
       current_setting('shared_preload_libraries', true),
       (select sum(pg_database_size(oid)) from pg_database where has_database_privilege(oid, 'CONNECT')),
       (select string_agg(spcname, ',' order by spcname) from pg_tablespace where oid >= 16384),
       (select string_agg(name || '=' || setting, ',') from pg_settings
         where name in (${standbySettings.map((name) => `'${name}'`).join(', ')}))`

/**
 * What a drill wants to know of the server that was backed up.
 * @param pid of its postmaster, where it is known
 */
export async function liveServer(
  ask: AskServer,
  pid: number | undefined,
  signal: AbortSignal,
): Promise<LiveServer> {
  const [row] = await ask(facts, signal)
  const [superuser, preload, size, tablespaces, settings] = row ?? []
  const atLeast = new Map(
    (settings ?? '').split(',').flatMap((pair) => {
      const [name, value] = pair.split('=')
      return name === undefined || value === undefined ? [] : [[name, Number(value)] as const]
    }),
  )
  return {
    ...(pid === undefined ? {} : { pid }),
    ...(superuser == null ? {} : { superuser }),
    ...(preload == null || preload === '' ? {} : { preload }),
    ...(size == null ? {} : { sizeBytes: Number(size) }),
    atLeast,
    tablespaces: tablespaces == null ? [] : tablespaces.split(','),
  }
}
