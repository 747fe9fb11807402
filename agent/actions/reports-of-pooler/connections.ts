import type { ActionOutput } from '../../../common/command/result.ts'
import { askConsole } from '../../postgres/pooler-console.ts'
import type { ConsoleRow } from '../../postgres/pooler-console.ts'
import { as, consoleTable, isConsole, reportMs, waitMs } from './pooler-report.ts'
import type { PoolerColumn, PoolerReportContext } from './pooler-report.ts'

/** What pgbouncer(1) says of both SHOW CLIENTS and SHOW SERVERS. */
const columns: readonly PoolerColumn[] = [
  as('database'),
  as('user'),
  as('application', 'application_name'),
  { name: 'address', of: addressOf },
  as('state'),
  {
    name: 'waits',
    align: 'right',
    of: (row) => (isWaiting(row) ? `${(waitMs(row, 'wait') / 1_000).toFixed(3)} s` : undefined),
  },
  as('connected', 'connect_time'),
  as('last_request', 'request_time'),
  as('tls'),
  {
    name: 'pid',
    align: 'right',
    of: (row) => (row.get('remote_pid') === '0' ? undefined : row.get('remote_pid')),
  },
  // A client and the connection that it has at the moment.
  as('self', 'ptr'),
  as('linked_to', 'link'),
  {
    name: 'closes',
    of: (row) => (row.get('close_needed') === '1' ? 'as soon as it is free' : undefined),
  },
]

/** Connections of one side of the pooler, those that wait longest first. */
export async function readConnections(
  { session, limit }: PoolerReportContext,
  about: { readonly title: string; readonly text: string; readonly nothing: string },
): Promise<readonly ActionOutput[]> {
  const rows = (await askConsole(session, about.text, reportMs))
    .filter((row) => !isConsole(row))
    .sort((a, b) => sortedWait(b) - sortedWait(a))
  if (rows.length === 0) return [{ type: 'text', title: about.title, lines: [about.nothing] }]
  const states = [...Map.groupBy(rows, (row) => row.get('state') ?? '')]
  const summary = states.map(([state, some]) => `${some.length} ${state}`).join(', ')
  return [
    { type: 'text', title: 'In all', lines: [summary] },
    consoleTable(about.title, rows, columns, limit),
  ]
}

/** pgBouncer keeps the wait of a client that waits no longer. */
function isWaiting(row: ConsoleRow): boolean {
  return row.get('state') === 'waiting'
}

function sortedWait(row: ConsoleRow): number {
  return isWaiting(row) ? waitMs(row, 'wait') : -1
}

function addressOf(row: ConsoleRow): string | undefined {
  const address = row.get('addr')
  if (address === undefined || address === '') return undefined
  const port = row.get('port') ?? ''
  return `${address.includes(':') ? `[${address}]` : address}${port === '' ? '' : `:${port}`}`
}
