import type { ActionOutput } from '../../../common/command/result.ts'
import { quoteIdentifier } from '../../postgres/quote-identifier.ts'
import { readTable, reportTimeoutMs } from './report.ts'
import type { Report, ReportContext } from './report.ts'

const find = `
select e.extversion, n.nspname, current_database(),
       -- The view hides from a role what it may not read, where the function would fail.
       (select setting like '%pg_stat_statements%' from pg_settings where name = 'shared_preload_libraries')
  from (select) as always
  left join pg_extension e on e.extname = 'pg_stat_statements'
  left join pg_namespace n on n.oid = e.extnamespace`

/** @param schema of the extension, which anybody may have put anywhere */
function text(schema: string): string {
  return `
select round((100 * s.total_exec_time / nullif(sum(s.total_exec_time) over (), 0))::numeric, 1) as "%",
       round(s.total_exec_time::numeric) as total_ms,
       s.calls,
       round(s.mean_exec_time::numeric, 3) as mean_ms,
       round(s.max_exec_time::numeric, 1) as max_ms,
       s.rows,
       round(100.0 * s.shared_blks_hit / nullif(s.shared_blks_hit + s.shared_blks_read, 0), 1) as "hit_%",
       pg_size_pretty(s.temp_blks_written * current_setting('block_size')::bigint) as temp_written,
       pg_size_pretty(s.wal_bytes) as wal,
       r.rolname as "user",
       d.datname as database,
       s.queryid,
       left(s.query, 1000) as query
  from ${quoteIdentifier(schema)}.pg_stat_statements s
  left join pg_roles r on r.oid = s.userid
  left join pg_database d on d.oid = s.dbid
 order by s.total_exec_time desc
 limit $1::bigint`
}

export const queries: Report = {
  name: 'queries',
  what: 'statements by the time that they have taken in all, from pg_stat_statements',
  async read(context) {
    const { rows } = await context.session.read({ text: find }, reportTimeoutMs)
    const [version, schema, database, isLoaded] = rows[0] ?? []
    if (version == null || schema == null || isLoaded === 'f') {
      return [missing(version == null, database ?? '', isLoaded === 't')]
    }
    return readStatements(context, version, schema)
  },
}

async function readStatements(
  context: ReportContext,
  version: string,
  schema: string,
): Promise<readonly ActionOutput[]> {
  // total_exec_time and wal_bytes came with 1.8, that of PostgreSQL 13.
  if (Number(version.split('.')[1]) < 8) {
    return [
      said([`pg_stat_statements is still of version ${version}: ALTER EXTENSION pg_stat_statements UPDATE;`]),
    ]
  }
  const right = ['temp_written', 'wal']
  return [await readTable(context, { title: 'Statements by total time', text: text(schema), right })]
}

function missing(isAbsent: boolean, database: string, isLoaded: boolean): ActionOutput {
  const create = `CREATE EXTENSION pg_stat_statements; in database ${database} (or name the database that has it)`
  return said([
    'There is no pg_stat_statements here. It takes:',
    ...(isLoaded ? [] : [`shared_preload_libraries = 'pg_stat_statements' and a restart`]),
    ...(isAbsent ? [create] : []),
  ])
}

function said(lines: readonly string[]): ActionOutput {
  return { type: 'text', title: 'Statements by total time', lines: [...lines] }
}
