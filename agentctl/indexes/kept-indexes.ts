import { PgherdError, toPgherdError } from '../../common/errors.ts'
import { savedIndexesAnswer } from '../../common/insight/saved-index.ts'
import type { KeptIndex } from '../../common/insight/saved-index.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { printBytes } from '../queries/print-figures.ts'
import type { Column } from '../table.ts'
import { withQuery } from '../with-query.ts'

/** Dropped indexes of a cluster as the collector keeps them, the newest first; none of a collector that keeps none. */
export async function askForKept(client: CollectorClient, cluster: string): Promise<readonly KeptIndex[]> {
  try {
    return (await client.call('GET', withQuery('/api/v1/indexes/saved', { cluster }), savedIndexesAnswer))
      .data
  } catch (error) {
    if (toPgherdError(error).code === 'NOT_FOUND') return []
    throw error
  }
}

/**
 * The dropped index that is meant, where another member than `server` has dropped it: that one's agent has its definition, and the command
 * has to carry it.
 * @param named - its id or the beginning of it, or its name with the schema
 * @returns undefined where there is none, or it was dropped on `server` itself
 * @throws PgherdError BAD_REQUEST where several are meant
 */
export function carriedOf(
  kept: readonly KeptIndex[],
  {
    named,
    database,
    server,
  }: { readonly named: string; readonly database?: string | undefined; readonly server: string },
): KeptIndex | undefined {
  const meant = kept.filter(
    ({ id, state, index }) =>
      state === 'dropped' &&
      (id.startsWith(named.toLowerCase()) ||
        index.sql === named ||
        `${index.schema}.${index.name}` === named) &&
      (database === undefined || index.database === database),
  )
  const [newest] = meant
  if (newest === undefined || newest.server === server) return undefined
  const places = new Set(meant.map(({ index }) => `${index.sql} in ${index.database}`))
  if (places.size === 1) return newest
  throw new PgherdError(
    'BAD_REQUEST',
    `several are saved as ${named}: ${[...places].join(', ')}; allowed: its id, or --database as well`,
  )
}

/** What `index-restore` is built of then. */
export function carriedArguments({ id, index }: KeptIndex): Readonly<Record<string, unknown>> {
  const { comment, tablespace, statistics } = index
  return {
    ...{ saved: id, database: index.database, definition: index.definition, size_bytes: index.sizeBytes },
    ...(comment === null ? {} : { comment }),
    ...(tablespace === '' ? {} : { tablespace }),
    ...(statistics.length === 0
      ? {}
      : { statistics: statistics.map(({ column, target }) => `${column}=${target}`).join(',') }),
    ...(index.isClustered ? { clustered: true } : {}),
    ...(index.hasExpressions ? { analyze: true } : {}),
  }
}

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'MEMBER' },
  { title: 'INDEX' },
  { title: 'DATABASE' },
  { title: 'STATE' },
  { title: 'DROPPED (UTC)' },
  { title: 'SIZE', align: 'right' },
  { title: 'DEFINITION' },
]

export function listKept(context: CliContext, kept: readonly KeptIndex[]): void {
  present(context, {
    columns,
    rows: kept.map(({ id, server, state, startedMs, index }) => [
      ...[id, server, index.sql, index.database, state, printMoment(startedMs)],
      ...[printBytes(index.sizeBytes), index.definition],
    ]),
    data: kept,
    nothing: 'the collector keeps no dropped index of that cluster',
  })
}
