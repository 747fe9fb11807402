import { messageOf } from '../../../common/errors.ts'
import { quoteIdentifier } from '../../postgres/quote-identifier.ts'
import { quoteLiteral } from '../../postgres/quote-literal.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { lookForIndex, lookMs } from './find-index.ts'
import type { IndexFacts } from './find-index.ts'
import { isSameDefinition } from './index-problems.ts'
import type { SavedIndex } from './ledger-record.ts'

/** Longer than the moment that these locks should take; of an index others wait behind it only to plan. */
const lockTimeoutMs = 2_000
const analyzeMs = 600_000

/** As `SavedIndex.sql`, but always quoted, so that it is found whatever the server would quote. */
export function quotedName({ schema, name }: Pick<SavedIndex, 'schema' | 'name'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

/**
 * What there is under the name of an index that is being restored: only one of the same definition is of that.
 * @throws PgherdError of the session
 */
export async function leftOfRestore(
  session: ActionSession,
  index: SavedIndex,
): Promise<IndexFacts | 'none' | 'built by somebody'> {
  const now = await lookForIndex(session, quotedName(index))
  if (now === undefined || !isSameDefinition(now.definition, index.definition)) return 'none'
  return now.builtBy === null ? now : 'built by somebody'
}

/** CREATE INDEX CONCURRENTLY of a definition as pg_get_indexdef has told it. @throws TypeError for what is none */
export function buildStatement(definition: string): string {
  const [, unique, rest] = /^CREATE (UNIQUE )?INDEX (?!CONCURRENTLY )(.*)$/s.exec(definition) ?? []
  if (rest === undefined) throw new TypeError(`no definition of an index: ${definition}`)
  return `CREATE ${unique ?? ''}INDEX CONCURRENTLY ${rest}`
}

/**
 * What a definition does not say: comment, targets of statistics, the table's clustering, statistics of expressions.
 * @returns what could not be done, half a sentence each: the index is there, and serves
 */
export async function completeRestore(
  session: ActionSession,
  index: SavedIndex,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const failures: string[] = []
  for (const { text, what, timeoutMs = lookMs } of completions(index)) {
    try {
      await session.change({ text }, { timeoutMs, lockTimeoutMs, signal })
    } catch (error) {
      if (signal.aborted) throw error
      failures.push(`${what} could not be restored: ${messageOf(error)} (${text})`)
    }
  }
  return failures
}

function completions(
  index: SavedIndex,
): readonly { readonly text: string; readonly what: string; readonly timeoutMs?: number }[] {
  const name = quotedName(index)
  return [
    ...(index.comment === null
      ? []
      : [{ what: 'its comment', text: `comment on index ${name} is ${quoteLiteral(index.comment)}` }]),
    ...index.statistics.map(({ column, target }) => ({
      what: `the statistics target of column ${column}`,
      text: `alter index ${name} alter column ${column} set statistics ${target}`,
    })),
    ...(index.isClustered
      ? [
          {
            what: "the table's clustering",
            text: `alter table ${index.table} cluster on ${quoteIdentifier(index.name)}`,
          },
        ]
      : []),
    // Those of an expression went with the index.
    ...(index.hasExpressions
      ? [
          {
            what: 'statistics of its expressions',
            text: `analyze (skip_locked) ${index.table}`,
            timeoutMs: analyzeMs,
          },
        ]
      : []),
  ]
}
