import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { StatementTexts } from '../../../common/insight/statement-texts.ts'
import type { Log } from '../../../common/log.ts'
import { hideLiterals } from '../../../common/sql/hide-literals.ts'
import type { LentConnection } from '../insight-server.ts'
import type { Extension } from './extension.ts'
import type { Fingerprint } from './fingerprints.ts'

/** Tells the text of each statement that gets series of its own. */
export interface Texts {
  /**
   * Looks for those that are not told yet, if it is time for it. Never rejects for what the server says.
   * @throws PgherdError POSTGRES_UNAVAILABLE, TIMED_OUT
   */
  look(of: {
    readonly chosen: ReadonlySet<Fingerprint>
    readonly nameOf: (dbid: number) => string | undefined
    readonly connection: LentConnection
    readonly extension: Extension
  }): Promise<void>
}

type Text = StatementTexts['texts'][number]

const textLimit = 8_192
const atLeastMs = 60_000
const atMostMs = 3_600_000
/** The server spends no more than this part of one core on reading texts. */
const costFactor = 500
/** The server reads all texts to give one of them, and keeps new statements waiting meanwhile. */
const largeBytes = 64 * 1024 * 1024
/** The collector forgets those that nobody tells again. */
const tellAgainMs = 86_400_000
/** One look asks for no more, and a report has less than the 512 KB that it may have. */
const mostAtOnce = 200
const reportBytes = 400_000

/** In one pass over the texts, of which all but those that are asked for stay where they are. */
const textsQuery = (schema: string): string => `
select sum(octet_length(query)),
       json_agg(json_build_array(dbid, queryid::text, left(query, ${textLimit}), length(query) > ${textLimit}))
         filter (where queryid = any ($1::int8[]))
  from ${schema}.pg_stat_statements(true)`

/** Where the extension has kept them since 9.4. */
const sizeQuery = `select size from pg_stat_file('pg_stat_tmp/pgss_query_texts.stat', true)`

const found = z.array(z.tuple([z.coerce.number(), z.string(), z.string().nullable(), z.boolean()]))

export function createTexts(options: {
  readonly tell: (texts: StatementTexts) => void
  readonly timeoutMs: number
  readonly clock: Clock
  readonly log: Log
}): Texts {
  const { tell, timeoutMs, clock, log } = options
  const toldMs = new Map<string, number>()
  let dueMs = -Infinity
  let saidLarge = false

  const missing = (chosen: ReadonlySet<Fingerprint>): readonly Fingerprint[] => {
    const sinceMs = clock.monotonic() - tellAgainMs
    const out = [...chosen].filter((one) => (toldMs.get(keyOf(one)) ?? -Infinity) < sinceMs)
    return out.slice(0, mostAtOnce)
  }

  const forget = (chosen: ReadonlySet<Fingerprint>): void => {
    if (toldMs.size < 10 * mostAtOnce) return
    const kept = new Set([...chosen].map(keyOf))
    for (const key of toldMs.keys()) if (!kept.has(key)) toldMs.delete(key)
  }

  /** @returns bytes of all texts */
  const read = async (wanted: readonly Fingerprint[], of: Parameters<Texts['look']>[0]): Promise<number> => {
    const { rows } = await of.connection.query(
      {
        text: textsQuery(of.extension.schema),
        values: [`{${[...new Set(wanted.map(({ queryid }) => queryid))].join(',')}}`],
      },
      timeoutMs,
    )
    const [bytes, texts] = rows[0] ?? []
    const parsed = found.safeParse(texts === null || texts === undefined ? [] : JSON.parse(texts))
    if (!parsed.success) throw new PgherdError('BAD_DATA', 'no sensible answer about texts of statements')
    const wantedKeys = new Set(wanted.map(keyOf))
    const out = new Map<string, Text>()
    for (const [dbid, queryid, text, isLong] of parsed.data) {
      const key = keyOf({ dbid, queryid })
      const datname = of.nameOf(dbid)
      if (text === null || datname === undefined || !wantedKeys.has(key) || out.has(key)) continue
      const shown = hideLiterals(text, { maxLength: textLimit })
      out.set(key, { queryid, datname, text: shown, isCut: isLong })
    }
    for (const texts of reportsOf([...out.values()])) tell({ texts: [...texts] })
    // One without a text has none that this role may read; it is looked for again when the others are told again.
    for (const key of wantedKeys) toldMs.set(key, clock.monotonic())
    return Number(bytes ?? 0)
  }

  return {
    async look(of) {
      const nowMs = clock.monotonic()
      if (nowMs < dueMs) return
      const wanted = missing(of.chosen)
      if (wanted.length === 0) return
      // Whatever comes of it, not again at once.
      dueMs = nowMs + atMostMs
      let large = false
      try {
        if (of.extension.mayStatFile) {
          const { rows } = await of.connection.query({ text: sizeQuery }, timeoutMs)
          large = Number(rows[0]?.[0] ?? 0) > largeBytes
        }
        if (!large) large = (await read(wanted, of)) > largeBytes
        if (large && !saidLarge) {
          saidLarge = true
          log.warn(
            { limit: largeBytes },
            'statements: pg_stat_statements has so many or so long texts that they are read once an hour at most',
          )
        }
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'statements: texts could not be read, next time in an hour')
        if (error instanceof PgherdError && error.code === 'PROBE_FAILED') return
        throw error
      }
      forget(of.chosen)
      const tookMs = clock.monotonic() - nowMs
      const pauseMs = large ? atMostMs : Math.max(atLeastMs, Math.min(atMostMs, costFactor * tookMs))
      dueMs = nowMs + pauseMs
    },
  }
}

function keyOf({ dbid, queryid }: Pick<Fingerprint, 'dbid' | 'queryid'>): string {
  return `${String(dbid)}/${queryid}`
}

/** Split so that each fits. */
function reportsOf(texts: readonly Text[]): readonly (readonly Text[])[] {
  const reports: Text[][] = []
  let bytes = Infinity
  for (const text of texts) {
    const own = Buffer.byteLength(JSON.stringify(text))
    if (bytes + own > reportBytes) {
      reports.push([])
      bytes = 0
    }
    bytes += own
    reports.at(-1)!.push(text)
  }
  return reports
}
