import { orNull, readClient, readLogTime } from './log-record.ts'
import type { LogRecord } from './log-record.ts'

/** "Using CSV-Format Log Output" of the manual; from PostgreSQL 14 on there are more behind these. */
const leastFields = 23

/** Records of log_destination csvlog; what is none, or of no session, is left out. */
export function parseCsvLog(text: string, offsetMs: number): readonly LogRecord[] {
  return rowsOf(text).flatMap((row) => {
    const [time = '', user = '', database = '', pid = '', from] = row
    const atMs = readLogTime(time, offsetMs)
    if (row.length < leastFields || atMs === undefined || user === '' || database === '') return []
    return [
      {
        ...{ atMs, user, database, pid: Number(pid), client: readClient(from) },
        ...{ virtualXid: orNull(row[9]), xid: orNull(row[10]), application: orNull(row[22]) },
        ...{ severity: row[11] ?? '', message: row[13] ?? '', failed: orNull(row[19]) },
      },
    ]
  })
}

function rowsOf(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  const field = /"([^"]*(?:""[^"]*)*)"|([^",\n]*)/y
  for (let at = 0; at < text.length;) {
    field.lastIndex = at
    const found = field.exec(text)
    row.push(found?.[1]?.replaceAll('""', '"') ?? found?.[2] ?? '')
    at += found?.[0].length ?? 0
    if (text[at] === ',') {
      at++
      continue
    }
    // What is no separator is a quote out of place: the rest of the line makes no sense.
    const end = text.indexOf('\n', at)
    if (end === at) rows.push(row)
    row = []
    if (end < 0) break
    at = end + 1
  }
  return rows
}
