import type { ActionOutput } from '../../../common/command/result.ts'
import { printAbout, printShare } from '../../../common/tuning/print-size.ts'
import { quoteIdentifier } from '../../postgres/quote-identifier.ts'
import { left, right } from '../output-table.ts'
import { reportTimeoutMs } from './report.ts'
import type { Report } from './report.ts'
import type { BlockRow } from './wal-writers/block-sql.ts'
import { nameFiles } from './wal-writers/name-files.ts'
import type { NamedFile } from './wal-writers/name-files.ts'
import { printLsn, readWindow } from './wal-writers/read-window.ts'
import type { WalWindow } from './wal-writers/read-window.ts'

const title = 'WAL by relation'

const find = `
select n.nspname, current_database(), d.oid, current_user,
       (select bool_and(has_function_privilege(p.oid, 'execute'))
          from pg_proc p
          join pg_depend e on e.classid = 'pg_proc'::regclass and e.objid = p.oid
                          and e.refclassid = 'pg_extension'::regclass and e.refobjid = x.oid and e.deptype = 'e'
         where p.proname = case when current_setting('server_version_num')::int >= 160000
                                then 'pg_get_wal_block_info' else 'pg_get_wal_records_info' end),
       has_schema_privilege(n.oid, 'usage')
  from pg_database d
  left join pg_extension x on x.extname = 'pg_walinspect'
  left join pg_namespace n on n.oid = x.extnamespace
 where d.datname = current_database()`

export const walWriters: Report = {
  name: 'wal-writers',
  what: 'bytes and full-page images of the newest WAL by table and index, read by pg_walinspect',
  async read(context) {
    const { session, limit, megabytes } = context
    if (session.versionNumber < 150_000) return [said(['pg_walinspect is there since PostgreSQL 15.'])]
    const { rows } = await session.read({ text: find }, reportTimeoutMs)
    const [schema, database = '', databaseOid = '', role = '', mayCall, mayUse] = rows[0] ?? []
    if (schema == null) return [said(absent(database ?? ''))]
    if (mayCall == null)
      return [said(['pg_walinspect is of an older version: ALTER EXTENSION pg_walinspect UPDATE;'])]
    if (mayCall === 'f' || mayUse === 'f')
      return [said(notAllowed(role ?? '', schema, session.versionNumber))]
    const window = await readWindow(context, quoteIdentifier(schema), megabytes * 1024 * 1024)
    const isHere = (row: BlockRow): boolean => row.database === databaseOid || row.database === '0'
    const names = await nameFiles(session, window.rows.filter(isHere))
    return [said(summary(window, isHere, database ?? '')), table(window, isHere, names, limit)]
  },
}

function absent(database: string): readonly string[] {
  return [
    `There is no pg_walinspect in database ${database}. It takes:`,
    'CREATE EXTENSION pg_walinspect; (of the package postgresql-contrib; no restart)',
    'or the name of a database that has it: database=...',
  ]
}

function notAllowed(role: string, schema: string, versionNumber: number): readonly string[] {
  const to = quoteIdentifier(role)
  const inside = quoteIdentifier(schema)
  const reader =
    versionNumber >= 160_000
      ? 'pg_get_wal_block_info(pg_lsn, pg_lsn, boolean)'
      : 'pg_get_wal_records_info(pg_lsn, pg_lsn)'
  return [
    `Role ${role} may not read WAL. It takes, in this database:`,
    `GRANT USAGE ON SCHEMA ${inside} TO ${to};`,
    `GRANT EXECUTE ON FUNCTION ${inside}.${reader} TO ${to};`,
    'Who may call it sees values that were written to any table.',
  ]
}

function summary(window: WalWindow, isHere: (row: BlockRow) => boolean, database: string): readonly string[] {
  const { from, to, rows, cut } = window
  const total = Number(to - from)
  const sumOf = (of: readonly BlockRow[], figure: (row: BlockRow) => number): number =>
    of.reduce((sum, row) => sum + figure(row), 0)
  const images = sumOf(rows, (row) => row.imageBytes)
  const here = sumOf(rows.filter(isHere), (row) => row.bytes)
  const all = sumOf(rows, (row) => row.bytes)
  const share = (part: number): string => printShare(total === 0 ? 0 : part / total)
  return [
    `${printAbout(total)} of WAL, from ${printLsn(from)} to ${printLsn(to)}: ${share(images)} are full-page images.`,
    `${share(here)} are of relations of ${database}, ${share(all - here)} of other databases, the rest is of commits, headers and the like.`,
    ...(cut === undefined ? [] : [`It begins there because ${cut}.`]),
  ]
}

function table(
  { from, to, rows }: WalWindow,
  isHere: (row: BlockRow) => boolean,
  names: ReadonlyMap<string, NamedFile>,
  limit: number,
): ActionOutput {
  const total = Number(to - from)
  const largest = rows.toSorted((a, b) => b.bytes - a.bytes)
  return {
    type: 'table',
    title,
    columns: [
      left('relation'),
      left('kind'),
      left('of'),
      right('wal'),
      right('%'),
      right('full_pages'),
      right('images'),
      right('records'),
      right('bytes'),
    ],
    rows: largest.slice(0, limit).map((row) => {
      const name = isHere(row) ? names.get(`${row.tablespace}/${row.filenode}`) : undefined
      const unknown = isHere(row)
        ? `file ${row.filenode}, dropped or rewritten since`
        : `file ${row.filenode} of database ${row.database}`
      return [
        name?.relation ?? unknown,
        name?.kind ?? null,
        name === undefined || name.table === name.relation ? null : name.table,
        printAbout(row.bytes),
        total === 0 ? null : ((100 * row.bytes) / total).toFixed(1),
        printAbout(row.imageBytes),
        String(row.images),
        String(row.records),
        String(Math.round(row.bytes)),
      ]
    }),
    truncated: largest.length > limit,
  }
}

function said(lines: readonly string[]): ActionOutput {
  return { type: 'text', title: 'Newest WAL', lines: [...lines] }
}
