import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { InsightServer } from '../../../../agent/insight/insight-server.ts'
import { createInsightServer } from '../../../../agent/insight/create-server.ts'
import { createSchemaHistory } from '../../../../agent/insight/schema/schema.ts'
import type { ConnectionSlots } from '../../../../agent/postgres/connection-slots.ts'
import { migrate } from '../../../../collector/fleet/migrations.ts'
import { openSchemaHistory } from '../../../../collector/insight/schema/schema-history.ts'
import type { SchemaHistory } from '../../../../collector/insight/schema/schema-history.ts'
import { systemClock } from '../../../../common/clock.ts'
import type { Clock } from '../../../../common/clock.ts'
import type { DdlChange, DdlQuery } from '../../../../common/insight/ddl-view.ts'
import { silentLog } from '../../../../common/log.ts'
import type { NewEvent } from '../../../../common/wire/events.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { createMonitor, measureServer } from '../../scrape/measured-server.ts'

/** The same as the system's, but that waits are 20 times as short: looks follow one another quickly. */
const hurriedClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
}

/** The collector's part: what it was told by one or more members of a cluster. */
export interface ToldSchemas extends Disposable {
  readonly history: SchemaHistory
  readonly events: readonly NewEvent[]
  /** Every body as it travels. */
  readonly bodies: readonly string[]
  take(server: string, body: unknown): void
  changes(query?: Partial<DdlQuery>): readonly DdlChange[]
  /** `table public.orders created`, the oldest first. */
  lines(query?: Partial<DdlQuery>): readonly string[]
}

export function openToldSchemas(clock: Clock = systemClock): ToldSchemas {
  const database = new DatabaseSync(':memory:')
  migrate(database, ':memory:')
  const events: NewEvent[] = []
  const bodies: string[] = []
  const history = openSchemaHistory({ database, add: (event) => events.push(event), clock })
  const changes = (query: Partial<DdlQuery> = {}) => history.list({ limit: 1_000, ...query }).toReversed()
  let id = 0
  return {
    history,
    events,
    bodies,
    take(server, body) {
      const json = JSON.stringify(body)
      bodies.push(json)
      const report = { id: String(id++), server, cluster: 'pg-test', atMs: clock.now() }
      database.exec('BEGIN IMMEDIATE')
      history.book.take({ ...report, topic: 'schema-changes', body: JSON.parse(json) as unknown }, server)
      database.exec('COMMIT')
    },
    changes,
    lines: (query) => changes(query).map(({ kind, object, change }) => `${kind} ${object} ${change}`),
    [Symbol.dispose]: () => database.close(),
  }
}

export interface WatchedSchemas extends AsyncDisposable {
  restart(options?: { readonly meanwhile?: () => Promise<void> }): Promise<void>
  readonly tables: () => ReturnType<ReturnType<typeof createSchemaHistory>['tables']>
}

/** Watches the schemas of a real server as a member of cluster pg-test, and resolves when its first look is told. */
export async function watchSchemas(
  postgres: PostgresServer,
  told: Pick<ToldSchemas, 'take' | 'history'>,
  options: { readonly server?: string; readonly isStandby?: boolean } = {},
): Promise<WatchedSchemas> {
  const { server = 'pg-test-1', isStandby = false } = options
  await using stack = new AsyncDisposableStack()
  if (!isStandby) await createMonitor(postgres)
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-schema-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const slots: ConnectionSlots = new Set()
  const agent = stack.use(await measureServer(postgres, undefined, { slots }))
  await agent.scrape()
  const seen: InsightServer = createInsightServer({
    ...{ server, cluster: 'pg-test', directory, slots },
    tell: (_, body) => told.take(server, body),
    reached: { url: postgres.url('postgres', 'pgherd') },
    select: (names) => names,
    clock: systemClock,
    log: silentLog,
  })
  const hurried: InsightServer = { ...seen, clock: hurriedClock }
  let part = createSchemaHistory(hurried, { shareOfCore: 1 })
  let running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined
  const start = (): void => {
    const stop = new AbortController()
    part = createSchemaHistory(hurried, { shareOfCore: 1 })
    running = { stop, ended: part.run(stop.signal) }
  }
  const end = async (): Promise<void> => {
    running?.stop.abort()
    await running?.ended
  }
  stack.defer(end)
  start()
  if (!isStandby) {
    await waitFor('the first look', () =>
      told.history.state({ cluster: 'pg-test', database: 'postgres', atMs: Date.now(), limit: 1 }) ===
      undefined
        ? false
        : told.history.state({ cluster: 'pg-test', database: '', atMs: Date.now(), limit: 1 }) !== undefined,
    )
  }
  const opened = stack.move()
  return {
    async restart({ meanwhile } = {}) {
      await end()
      await meanwhile?.()
      start()
    },
    tables: () => part.tables(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
