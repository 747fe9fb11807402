import { z } from 'zod'
import { toPgherdError } from '../../../common/errors.ts'
import { bareForeignKey, indexFact, scannedTable } from '../../../common/insight/index-evidence.ts'
import type { IndexFact, IndexFactsBody } from '../../../common/insight/index-evidence.ts'
import type { Log } from '../../../common/log.ts'
import type { LentConnection } from '../insight-server.ts'
import { bloatQuery, widthsReadable } from './bloat-query.ts'
import { factsQuery, invalidQuery, wordedQuery } from './facts-query.ts'
import { statementMs } from './look-at-counters.ts'
import { bareForeignKeysQuery, scannedTablesQuery } from './missing-query.ts'
import { overlapQuery } from './overlap-query.ts'
import { partitionedQuery } from './partitioned-query.ts'

/** What the primary's catalogue says of a database's indexes and of those that are missing. */
export type IndexFacts = Pick<IndexFactsBody, 'indexes' | 'tables' | 'foreignKeys'>

type Statement = Parameters<LentConnection['query']>[0]
type Row = readonly (string | null)[]

const catalogueFacts = z.array(indexFact.omit({ bloat: true, coveredBy: true, parts: true }))
const partitions = z.array(
  z.object({ root: z.number(), parts: z.array(z.number()).max(2_000), sizeBytes: z.number() }),
)

/**
 * Asks the database that the connection is in, in short statements.
 * @param countersSinceMs - since when the server has counted
 * @param candidates - OIDs that may be cut where they are too many
 * @throws PgherdError as of `Connection.query`
 */
export async function gatherFacts(
  connection: LentConnection,
  about: {
    readonly major: number
    readonly countersSinceMs: number | null
    readonly candidates: readonly number[]
    readonly log: Log
  },
): Promise<IndexFacts> {
  const { major, countersSinceMs, candidates, log } = about
  const since = countersSinceMs === null ? '' : String(countersSinceMs / 1000)
  const rows = async (statement: Statement): Promise<readonly Row[]> =>
    (await connection.query(statement, statementMs)).rows
  const list = async <T>(shape: z.ZodType<T>, statement: Statement): Promise<T> =>
    shape.parse(JSON.parse((await rows(statement))[0]?.[0] ?? '[]'))

  const overlaps = new Map(
    (await rows({ text: overlapQuery(major) })).map(([oid, other, index, isEqual]) => [
      Number(oid),
      { oid: Number(other), index: index ?? '', isEqual: isEqual === 'true' },
    ]),
  )
  const readable = (await rows({ text: widthsReadable }))[0]?.[0] === 'true'
  const bloats = new Map(
    (await rows({ text: bloatQuery(readable) })).map(([oid, ratio]) => [Number(oid), Number(ratio)]),
  )
  const invalid = (await rows({ text: invalidQuery })).map(([oid]) => Number(oid))
  const quiet = new Set(candidates)
  const partitioned = new Map(
    (await list(partitions, { text: partitionedQuery }))
      .filter(({ parts }) => parts.every((oid) => quiet.has(oid)))
      .map((one) => [one.root, one]),
  )
  const wanted = [...new Set([...overlaps.keys(), ...bloats.keys(), ...invalid, ...partitioned.keys()])]
  const found = await list(catalogueFacts, {
    text: factsQuery(major),
    values: [since, arrayOf(wanted), arrayOf(candidates)],
  })
  const words = await wordsOf(found)
  return {
    indexes: found.map((fact) => ({
      ...fact,
      sizeBytes: partitioned.get(fact.oid)?.sizeBytes ?? fact.sizeBytes,
      parts: partitioned.get(fact.oid)?.parts ?? [],
      definition: fact.definition ?? words.get(fact.oid) ?? null,
      bloat: bloats.get(fact.oid) ?? null,
      coveredBy: overlaps.get(fact.oid) ?? null,
    })),
    tables: await list(z.array(scannedTable), { text: scannedTablesQuery(major), values: [since] }),
    foreignKeys: await list(z.array(bareForeignKey), { text: bareForeignKeysQuery, values: [since] }),
  }

  async function wordsOf(
    facts: readonly Pick<IndexFact, 'oid' | 'definition'>[],
  ): Promise<ReadonlyMap<number, string | null>> {
    const without = facts.flatMap(({ oid, definition }) => (definition === null ? [oid] : []))
    if (without.length === 0) return new Map()
    try {
      const worded = await rows({ text: wordedQuery, values: [arrayOf(without)] })
      return new Map(worded.map(([oid, definition]) => [Number(oid), definition ?? null]))
    } catch (error) {
      // A lock that came just then; the next look words them.
      log.debug({ code: toPgherdError(error).code }, 'indexes: some are told without their definition')
      return new Map()
    }
  }
}

const arrayOf = (oids: readonly number[]): string => `{${oids.join(',')}}`
