import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../../../../common/errors.ts'
import { writeFileDurably } from '../../../../common/write-file-durably.ts'
import type { InsightServer, LentConnection } from '../../insight-server.ts'
import { firstRecord, wholeRecords } from './cut-records.ts'
import { describeLog } from './describe-log.ts'
import type { DescribedLog } from './describe-log.ts'
import { newestParts, partsSince } from './log-place.ts'
import type { LogPlace } from './log-place.ts'
import type { LogRecord } from './log-record.ts'
import { loggedActs } from './logged-acts.ts'
import type { LoggedAct } from './logged-acts.ts'
import { parseCsvLog } from './parse-csv-log.ts'
import { parseJsonLog } from './parse-json-log.ts'
import { parseStderrLog } from './parse-stderr-log.ts'
import { findReader } from './read-piece.ts'

/** What the log of one server says of changes, read only when something has changed. */
export interface ServerLog {
  /** Remembers where the log ends, now and then. Never rejects. */
  mark(connection: LentConnection): Promise<void>
  /** Statements of the last minutes that may have changed a schema; nothing where the log cannot be read. Never rejects. */
  read(connection: LentConnection): Promise<readonly LoggedAct[]>
  /** Writes down how far it has got. Never rejects. */
  end(): Promise<void>
}

const pieceBytes = 256 * 1024
/** Read at once, and how fast that is there again: what is parsed takes about 10 ms for each MB. */
const mostBytes = 4 * 1024 * 1024
const bytesEachMs = 64
const markMs = 60_000
/** A change may be found this long after its statement was logged. */
const backMs = 6 * 60_000
const keptMs = 15 * 60_000
const mostKept = 500
const writeMs = 10 * 60_000
const written = z.object({ file: z.string(), offset: z.number() })

/** @param stats gets what was left out, bytes */
export async function createServerLog(
  { directory, clock, log }: Pick<InsightServer, 'directory' | 'clock' | 'log'>,
  stats: { logSkipped: number },
): Promise<ServerLog> {
  const path = join(directory, 'schema-log.json')
  const first = await readPlace(path)
  let marks: { readonly place: LogPlace; readonly ms: number }[] =
    first === undefined ? [] : [{ place: first, ms: clock.monotonic() }]
  let markedMs = -Infinity
  let writtenMs = clock.monotonic()
  let budget = mostBytes
  let budgetMs = clock.monotonic()
  let kept: { readonly one: LoggedAct; readonly ms: number }[] = []
  let told = ''

  const say = (why: string): void => {
    if (why !== told) log.info({ why }, 'schema: the log of the server does not tell who changes it')
    told = why
  }

  const describe = async (connection: LentConnection): Promise<DescribedLog | undefined> => {
    const described = await describeLog(connection)
    if (typeof described !== 'string') return described
    say(described)
    return undefined
  }

  const endOf = ({ files, current }: DescribedLog): LogPlace => ({
    file: current,
    offset: files.find(({ name }) => name === current)?.size ?? 0,
  })

  const write = async (): Promise<void> => {
    writtenMs = clock.monotonic()
    const [mark] = marks
    if (mark !== undefined) await writeFileDurably(path, JSON.stringify(mark.place), 0o600)
  }

  const never = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      say(messageOf(error))
      return otherwise
    }
  }

  const readNew = async (connection: LentConnection): Promise<readonly LogRecord[]> => {
    const described = await describe(connection)
    if (described === undefined) return []
    const reader = await findReader(described, connection)
    if (reader === undefined) {
      say('neither this program nor its role (EXECUTE on pg_read_binary_file) may read it')
      return []
    }
    told = ''
    const nowMs = clock.monotonic()
    budget = Math.min(mostBytes, budget + (nowMs - budgetMs) * bytesEachMs)
    budgetMs = nowMs
    const { parts, skipped } = newestParts(partsSince(marks[0]?.place, described), Math.floor(budget))
    stats.logSkipped += skipped
    const records: LogRecord[] = []
    let end = endOf(described)
    for (const part of parts) {
      let at = part.from
      while (at < part.to) {
        const bytes = await reader(part.file, at, Math.min(pieceBytes, part.to - at))
        if (bytes.length === 0) break
        budget -= bytes.length
        const begin = firstRecord(bytes, described.format)
        const isEnd = at + bytes.length >= part.to
        const ours = begin < 0 ? bytes.subarray(bytes.length) : bytes.subarray(begin)
        const length = wholeRecords(ours, described.format, isEnd)
        records.push(...parse(described, ours.toString('utf8', 0, length)))
        if (length === 0 && isEnd) break
        // A record that is larger than a piece is left out.
        if (length === 0) stats.logSkipped += bytes.length
        at += length === 0 ? bytes.length : begin + length
      }
      end = { file: part.file, offset: at }
    }
    marks = [{ place: end, ms: nowMs }]
    markedMs = nowMs
    return records
  }

  return {
    mark: (connection) =>
      never(async () => {
        const nowMs = clock.monotonic()
        if (nowMs < markedMs + markMs) return
        markedMs = nowMs
        const described = await describe(connection)
        if (described === undefined) return
        marks.push({ place: endOf(described), ms: nowMs })
        while (marks[1] !== undefined && marks[1].ms < nowMs - backMs) marks.shift()
        if (nowMs > writtenMs + writeMs) await write()
      }, undefined),
    read: (connection) =>
      never(
        async () => {
          const nowMs = clock.monotonic()
          const fresh = loggedActs(await readNew(connection))
          kept = [...kept, ...fresh.map((one) => ({ one, ms: nowMs }))]
            .filter(({ ms }) => ms > nowMs - keptMs)
            .slice(-mostKept)
          await write()
          return kept.map(({ one }) => one)
        },
        kept.map(({ one }) => one),
      ),
    end: () => never(write, undefined),
  }
}

function parse({ format, offsetMs, pattern }: DescribedLog, text: string): readonly LogRecord[] {
  if (format === 'jsonlog') return parseJsonLog(text, offsetMs)
  if (format === 'csvlog') return parseCsvLog(text, offsetMs)
  return pattern === undefined ? [] : parseStderrLog(text, offsetMs, pattern)
}

/** Undefined where there is no file, or none that makes sense: then it begins where the log ends. */
async function readPlace(path: string): Promise<LogPlace | undefined> {
  try {
    return written.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}
