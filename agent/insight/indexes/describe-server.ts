import { PgherdError } from '../../../common/errors.ts'
import { readSystemIdentifier } from '../../postgres/capabilities.ts'
import type { LentConnection } from '../insight-server.ts'
import { statementMs } from './look-at-counters.ts'

/** What has to be known of a server to look at its indexes. */
export interface DescribedServer {
  readonly major: number
  /** pg_control's identifier; empty where the role may not read it. */
  readonly system: string
  /** Standbys that stream from it, by name and address. */
  readonly followers: readonly string[]
}

/** Programs that take the log and answer no queries are no standbys. */
const query = `
  select current_setting('server_version_num'),
         array_to_json(array(
           select left(r.application_name, 100) || '@' || coalesce(host(r.client_addr), 'local')
             from pg_stat_replication r
             left join pg_replication_slots s on s.active_pid = r.pid
            where r.state in ('streaming', 'catchup')
              and coalesce(s.slot_type, 'physical') = 'physical'
              and r.application_name !~* '^(pg_basebackup|pg_receive|pgbackrest|barman|wal-g|pg_probackup)'
            order by 1
            limit 32))::text`

/** @throws PgherdError as of `Connection.query` */
export async function describeServer(connection: LentConnection): Promise<DescribedServer> {
  const { rows } = await connection.query({ text: query }, statementMs)
  const [version, followers] = rows[0] ?? []
  const major = Math.floor(Number(version) / 10_000)
  if (!(major >= 10)) throw new PgherdError('PROBE_FAILED', `"${version ?? ''}" is no version of a server`)
  const names: unknown = JSON.parse(followers ?? '[]')
  return {
    major,
    system: (await readSystemIdentifier(connection, statementMs)) ?? '',
    followers: Array.isArray(names) ? names.map(String) : [],
  }
}
