import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { LentConnection } from '../../../../../agent/insight/insight-server.ts'
import type { LogFormat } from '../../../../../agent/insight/schema/log/log-record.ts'
import type { LogPlace } from '../../../../../agent/insight/schema/log/log-place.ts'
import { createServerLog } from '../../../../../agent/insight/schema/log/server-log.ts'
import { createSession } from '../../../../../agent/postgres/session.ts'
import { systemClock } from '../../../../../common/clock.ts'
import { startPostgres } from '../../../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../../../testbed/postgres.ts'
import { waitFor } from '../../../../../testbed/wait.ts'
import { createManualClock } from '../../../../manual-clock.ts'
import { createHeardLog } from '../../../neighbours/probing.ts'
import { createMonitor } from '../../../scrape/measured-server.ts'

const endings = { stderr: 'log', csvlog: 'csv', jsonlog: 'json' } as const

/**
 * A server whose log is in its own directory for itself, and nowhere for anybody else, as if it were on another host. Its role pgherd may
 * read it by SQL; nothing is rotated unless asked for.
 */
export async function startHiddenLog(major: PostgresMajor, format: LogFormat): Promise<PostgresServer> {
  const server = await startPostgres({
    major,
    settings: {
      logging_collector: 'on',
      log_directory: '/proc/self/cwd/server-log',
      log_filename: 'server-%H%M%S.log',
      log_destination: format,
      log_statement: 'ddl',
      log_line_prefix: '%m [%p] %q%u@%d %a ',
      log_rotation_size: '0',
      log_rotation_age: '0',
    },
  })
  await createMonitor(server)
  await server.query('grant execute on function pg_read_binary_file(text, bigint, bigint) to pgherd')
  return server
}

export const pathIn = (server: PostgresServer, name: string): string =>
  join(server.dataDirectory, 'server-log', name)

export function filesOf(server: PostgresServer, format: LogFormat): readonly string[] {
  return readdirSync(pathIn(server, '')).filter((name) => name.endsWith(`.${endings[format]}`))
}

export const minuteFile = (minute: number, format: LogFormat): string =>
  `minute-${String(minute).padStart(2, '0')}.${endings[format]}`

export async function setAll(
  server: PostgresServer,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    await server.query(`alter system set ${name} = '${value}'`)
  }
  await server.query('select pg_reload_conf()')
}

/** What an agent reads of it, from its end on unless a place is told that an earlier life of it has written down. */
export async function openLog(server: PostgresServer, user = 'pgherd', place?: LogPlace) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-log-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  if (place !== undefined) writeFileSync(join(directory, 'schema-log.json'), JSON.stringify(place))
  const session = createSession({ url: server.url('postgres', user), clock: systemClock })
  onTestFinished(() => session[Symbol.asyncDispose]())
  await session.connect(5_000)
  const asked = new Set<string>()
  const connection: LentConnection = {
    query(statement, ...more) {
      asked.add(statement.name ?? '')
      return session.query(statement, ...more)
    },
  }
  const { heard, ...ear } = createHeardLog()
  const stats = { logSkipped: 0 }
  const log = await createServerLog({ directory, clock: createManualClock(Date.now()), log: ear }, stats)
  if (place === undefined) await log.mark(connection)
  /** Tables that were created, in the order of the log. */
  const read = async () =>
    (await log.read(connection)).flatMap(
      ({ act }) => /^create table (\S+) /.exec(act.statement ?? '')?.[1] ?? [],
    )
  return {
    ...{ read, asked, heard, stats },
    /** All of them once that table is among them. */
    until: async (table: string): Promise<readonly string[]> => {
      let last: readonly string[] = []
      return waitFor(
        `${table} in the log`,
        async () => {
          last = await read()
          return last.includes(table) && last
        },
        { explain: () => JSON.stringify([heard, stats, last]) },
      )
    },
  }
}
