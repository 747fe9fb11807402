import type { SchemaAct } from '../../../../common/insight/schema-changes.ts'
import { createsTemporary, toldStatement } from '../changing-statement.ts'
import type { LogRecord } from './log-record.ts'

export interface LoggedAct {
  readonly database: string
  readonly act: SchemaAct
}

/** Of a statement, in which what it does is looked for. */
const searchedLength = 16_384
/** As log_statement and log_min_duration_statement write them; a statement that is only parsed or bound does nothing yet. */
const logged = /^(?:duration: (?<took>[\d.]+) ms {2})?(?:statement|execute [^:]{1,200}): (?<sql>.*)$/s
const ddl =
  /(?:^|;|\*\/|\n)\s*(?:create|alter|drop|truncate|grant|revoke|comment|reindex|cluster|vacuum|refresh|security|import|reassign|do)\b/i

/** Statements that may have changed a schema, without literals, in the order of the log; those that failed are left out. */
export function loggedActs(records: readonly LogRecord[]): readonly LoggedAct[] {
  const found: { readonly record: LogRecord; readonly sql: string; readonly tookMs: number }[] = []
  const failed = new Set<object>()
  const xids = new Map<string, string>()
  for (const record of records) {
    // The first statement of a transaction is logged before it has a number.
    if (record.virtualXid !== null && record.xid !== null) xids.set(record.virtualXid, record.xid)
    if (record.failed !== null && record.severity !== 'LOG') {
      const of = found.findLast(({ record: { pid, user } }) => pid === record.pid && user === record.user)
      if (of?.sql === record.failed) failed.add(of)
    }
    const groups = record.severity === 'LOG' ? logged.exec(record.message)?.groups : undefined
    const sql = groups?.['sql'] ?? ''
    if (!ddl.test(sql.slice(0, searchedLength)) || createsTemporary(sql)) continue
    found.push({ record, sql, tookMs: Number(groups?.['took'] ?? 0) })
  }
  return found
    .filter((one) => !failed.has(one))
    .map(({ record, sql, tookMs }) => ({
      database: record.database,
      act: {
        source: 'log',
        ...{ pid: record.pid, actor: record.user, application: record.application, client: record.client },
        statement: toldStatement(sql),
        xid: record.xid ?? xids.get(record.virtualXid ?? '') ?? null,
        ...{ startedMs: record.atMs - tookMs, endedMs: record.atMs, lock: null, lockMs: null, waiters: null },
      },
    }))
}
