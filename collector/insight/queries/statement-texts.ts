import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { inTransaction } from '../../../common/in-transaction.ts'
import type { QueryFilter } from '../../../common/insight/queries-view.ts'
import type { QueryText } from '../../../common/insight/query-texts-view.ts'
import { statementTexts } from '../../../common/insight/statement-texts.ts'
import type { InsightBook } from '../book.ts'
import type { Candidate } from './candidates.ts'

/** The normalised texts of all statements that agents have told of, and when those were executed. */
export interface StatementTexts extends InsightBook {
  textOf(candidate: Candidate): string | undefined
  seen(candidate: Candidate): { readonly firstMs: number; readonly lastMs: number } | undefined
  /** Clusters and databases in which a statement of that identifier is known. */
  known(query: string, filter: QueryFilter): readonly Candidate[]
  /** Those of the identifiers that are known. */
  texts(filter: Pick<QueryFilter, 'cluster' | 'datname'>, queries: readonly string[]): readonly QueryText[]
  /** Texts in which a word stands, whatever its case; at most 50, those executed last first. */
  naming(cluster: string, datname: string, word: string): readonly string[]
  /** Notes that these were executed until now. */
  executed(candidates: readonly Candidate[]): void
}

export interface TextLimits {
  readonly maxTexts: number
  readonly maxAgeMs: number
}

/** Longer than samples are kept by default, so that what is in the store has its text. */
const defaults: TextLimits = { maxTexts: 50_000, maxAgeMs: 100 * 86_400_000 }
const mostNaming = 50

export function openStatementTexts(
  database: DatabaseSync,
  { clock, limits = defaults }: { readonly clock: Clock; readonly limits?: TextLimits },
): StatementTexts {
  const put = database.prepare(
    `INSERT INTO statement_texts (cluster, datname, query, first_ms, last_ms, text)
     VALUES (:cluster, :datname, :query, :nowMs, :nowMs, :text)
     ON CONFLICT (cluster, datname, query)
     DO UPDATE SET text = excluded.text, last_ms = max(last_ms, excluded.last_ms)`,
  )
  const forget = database.prepare(
    `DELETE FROM statement_texts
      WHERE last_ms < :beforeMs
         OR last_ms < (SELECT last_ms FROM statement_texts ORDER BY last_ms DESC LIMIT 1 OFFSET :keep)`,
  )
  const find = database.prepare(
    `SELECT text, first_ms, last_ms FROM statement_texts
      WHERE cluster = :cluster AND datname = :datname AND query = :query`,
  )
  const inPlaces = `(:cluster = '' OR cluster = :cluster) AND (:datname = '' OR datname = :datname)`
  const findAll = database.prepare(
    `SELECT cluster, datname, query, text FROM statement_texts
      WHERE query IN (SELECT value FROM json_each(:queries)) AND ${inPlaces}
      ORDER BY last_ms DESC LIMIT 1000`,
  )
  const search = database.prepare(
    `SELECT text FROM statement_texts
      WHERE cluster = :cluster AND datname = :datname AND instr(lower(text), :word) > 0
      ORDER BY last_ms DESC LIMIT 1000`,
  )
  const touch = database.prepare(
    `UPDATE statement_texts SET last_ms = :nowMs
      WHERE cluster = :cluster AND datname = :datname AND query = :query AND last_ms < :nowMs`,
  )
  const all = ({ cluster = '', datname = '' }: QueryFilter, queries: readonly string[]): QueryText[] =>
    findAll.all({ cluster, datname, queries: JSON.stringify(queries) }).map((row) => ({
      cluster: String(row['cluster']),
      datname: String(row['datname']),
      query: String(row['query']),
      text: String(row['text']),
    }))

  return {
    topic: 'statement-texts',
    take({ body, cluster }) {
      const told = statementTexts.safeParse(body)
      if (!told.success) throw new PgherdError('BAD_DATA', `statement-texts: ${told.error.message}`)
      const nowMs = clock.now()
      for (const { datname, queryid: query, text, isCut } of told.data.texts) {
        put.run({ cluster, datname, query, text: isCut ? `${text} …` : text, nowMs })
      }
      forget.run({ beforeMs: nowMs - limits.maxAgeMs, keep: limits.maxTexts - 1 })
    },
    textOf({ cluster, datname, query }) {
      const row = find.get({ cluster, datname, query })
      return row === undefined ? undefined : String(row['text'])
    },
    seen({ cluster, datname, query }) {
      const row = find.get({ cluster, datname, query })
      return row === undefined
        ? undefined
        : { firstMs: Number(row['first_ms']), lastMs: Number(row['last_ms']) }
    },
    known: (query, filter) =>
      all(filter, [query]).map(({ cluster, datname }) => ({ cluster, datname, query })),
    texts: (filter, queries) => all(filter, queries),
    naming(cluster, datname, word) {
      const lower = word.toLowerCase()
      const whole = new RegExp(
        `(?<![\\p{L}\\p{N}_$])${lower.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}_$])`,
        'u',
      )
      return search
        .all({ cluster, datname, word: lower })
        .map((row) => String(row['text']))
        .filter((text) => whole.test(text.toLowerCase()))
        .slice(0, mostNaming)
    },
    executed(candidates) {
      const nowMs = clock.now()
      inTransaction(database, () => {
        for (const { cluster, datname, query } of candidates) touch.run({ cluster, datname, query, nowMs })
      })
    },
  }
}
