import { onTestFinished } from 'vitest'
import type { LentConnection } from '../../../../agent/insight/insight-server.ts'
import { createWatchdog } from '../../../../agent/insight/watchdog/watchdog.ts'
import type { Watchdog } from '../../../../agent/insight/watchdog/watchdog.ts'
import { openActionSession } from '../../../../agent/postgres/action-session.ts'
import type { AuditFact } from '../../../../common/audit/entry.ts'
import { systemClock } from '../../../../common/clock.ts'
import { watchdogReport } from '../../../../common/insight/watchdog.ts'
import type { WatchdogReport } from '../../../../common/insight/watchdog.ts'
import { createLog } from '../../../../common/log.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { madePolicy } from './made-sessions.ts'

/** A watchdog over a real server, whose looks are made by hand. */
export interface WatchedServer {
  readonly watchdog: Watchdog
  readonly reports: readonly WatchdogReport[]
  readonly audit: readonly AuditFact[]
  /** One look, some seconds of this host's clock after the one before. */
  look(): Promise<void>
  /** Looks until there is such a report. */
  until(what: string, isIt: (report: WatchdogReport) => boolean): Promise<WatchdogReport>
}

/** Roles that the watchdog reads and signals with, and one that misbehaves. */
export async function createRoles(server: PostgresServer): Promise<void> {
  await server.query(`
create role app login;
create role boss login superuser;
create role follower login replication;
create role watcher login in role pg_monitor;
create role actor login in role pg_monitor, pg_signal_backend;
create table things (id int primary key, name text);
grant all on things to app;
insert into things select n, 'x' from generate_series(1, 1000) n`)
}

export async function watch(
  server: PostgresServer,
  policyText: string,
  options: { readonly actor?: string; readonly withoutPort?: boolean; readonly password?: string } = {},
): Promise<WatchedServer> {
  const { actor = 'actor', withoutPort = false, password } = options
  const policy = madePolicy(policyText)
  const slots = new Set<never>()
  const measuring = await openActionSession({
    url: server.url('postgres', 'watcher', password),
    ...{ clock: systemClock, slots, timeoutMs: 5_000 },
  })
  onTestFinished(() => measuring[Symbol.asyncDispose]())
  const reports: WatchdogReport[] = []
  const audit: AuditFact[] = []
  let aheadMs = 0
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs }
  const connection: LentConnection = {
    query: (statement, timeoutMs) => measuring.read(statement, timeoutMs),
  }
  const watchdog = createWatchdog(
    {
      ...{ server: 'pg-test-1', cluster: 'pg-test', directory: '', clock },
      lend: () => connection,
      visit: () => Promise.reject(new Error('the watchdog visits no database')),
      databases: () => Promise.resolve([]),
      // As it travels.
      tell: (_, body) => void reports.push(watchdogReport.parse(JSON.parse(JSON.stringify(body)))),
      log: createLog({ level: 'silent', program: 'test' }),
    },
    {
      policy: () => ({ policy, problems: [] }),
      port: () =>
        withoutPort
          ? undefined
          : {
              open: () =>
                openActionSession({
                  url: server.url('postgres', actor, password),
                  ...{ clock: systemClock, slots: new Set(), timeoutMs: 5_000 },
                }),
              record: (fact) => {
                audit.push(fact)
                return Promise.resolve(true)
              },
            },
    },
  )
  const look = async (): Promise<void> => {
    aheadMs += 5_000
    await watchdog.look(new AbortController().signal)
  }
  return {
    ...{ watchdog, reports, audit, look },
    until: (what, isIt) =>
      waitFor(
        what,
        async () => {
          await look()
          return reports.find(isIt)
        },
        {
          explain: () =>
            JSON.stringify(
              reports.map(({ text }) => text),
              null,
              1,
            ),
        },
      ),
  }
}
