import { z } from 'zod'
import { orNull, readClient, readLogTime } from './log-record.ts'
import type { LogRecord } from './log-record.ts'

const line = z.object({
  timestamp: z.string(),
  user: z.string(),
  dbname: z.string(),
  pid: z.number(),
  remote_host: z.string().optional(),
  vxid: z.string().optional(),
  txid: z.number().optional(),
  error_severity: z.string(),
  message: z.string(),
  statement: z.string().optional(),
  application_name: z.string().optional(),
})

/** Lines of log_destination jsonlog; what is none, or of no session, is left out. */
export function parseJsonLog(text: string, offsetMs: number): readonly LogRecord[] {
  return text.split('\n').flatMap((raw) => {
    const parsed = line.safeParse(readJson(raw))
    if (!parsed.success) return []
    const { data } = parsed
    const atMs = readLogTime(data.timestamp, offsetMs)
    if (atMs === undefined) return []
    return [
      {
        ...{ atMs, user: data.user, database: data.dbname, pid: data.pid, message: data.message },
        ...{ application: orNull(data.application_name), client: readClient(data.remote_host) },
        ...{ xid: orNull(String(data.txid ?? 0)), virtualXid: orNull(data.vxid) },
        ...{ severity: data.error_severity, failed: data.statement ?? null },
      },
    ]
  })
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
