import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findProgram } from '../../testbed/find-program.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { startPgbouncer } from '../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../testbed/pgbouncer.ts'
import { startAgent } from '../../testbed/pgherd.ts'
import { freePort } from '../../testbed/ports.ts'
import { withClient } from '../../testbed/postgres-client.ts'
import { startPostgres, startStandby } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { startChild } from '../../testbed/process.ts'
import { waitFor } from '../../testbed/wait.ts'

const user = { user: 'app', password: 'app-secret' }

/** The configuration that the documentation shows, with the ports of this test. */
function documentedConfig(ports: {
  readonly writer: number
  readonly reader: number
  readonly servers: readonly { readonly pooler: number; readonly health: number }[]
}): string {
  const shown = /```haproxy\n([\s\S]*?)```/.exec(readFileSync('docs/14-load-balancers.md', 'utf8'))?.[1]
  if (shown === undefined) throw new Error('the documentation shows no configuration of HAProxy')
  return ports.servers.reduce(
    (text, { pooler, health }, i) =>
      text.replaceAll(`10.0.0.${i + 1}:6432 check port 8009`, `127.0.0.1:${pooler} check port ${health}`),
    shown
      .replace('bind :5433', `bind 127.0.0.1:${ports.writer}`)
      .replace('bind :5434', `bind 127.0.0.1:${ports.reader}`),
  )
}

test(
  'HAProxy, configured as documented, leads writers to the primary before and after a promotion, and to nobody whose pooler is dead',
  { timeout: 90_000 },
  async () => {
    const command = findProgram('haproxy')
    if (command === undefined) throw new Error('haproxy is not installed: npm run setup')
    await using stack = new AsyncDisposableStack()
    const { path: directory } = stack.use(createOwnDirectory({ prefix: 'pgherd-balancer-' }))
    const first = stack.use(await startPostgres({ name: 'first' }))
    await first.query(`create role ${user.user} login password '${user.password}'`)
    const second = stack.use(await startStandby(first, { name: 'second' }))
    const servers: readonly PostgresServer[] = [first, second]
    const [writer, reader] = [await freePort(), await freePort()]
    const poolers: Pgbouncer[] = []
    const ports: { pooler: number; health: number }[] = []
    for (const [i, postgres] of servers.entries()) {
      const pooler = await startPgbouncer({ postgres })
      if (pooler === undefined) throw new Error('pgbouncer is not installed: npm run setup')
      poolers.push(stack.use(pooler))
      const health = await freePort()
      ports.push({ pooler: pooler.port, health })
      const passwordFile = join(directory, `password-${i}`)
      writeFileSync(passwordFile, `${user.password}\n`, { mode: 0o600 })
      stack.use(
        await startAgent({
          directory: join(directory, `agent-${i}`),
          cluster: 'pg-main',
          seq: i + 1,
          postgresUrl: postgres.url('postgres'),
          collectorUrl: `http://127.0.0.1:${await freePort()}`,
          extraConfig: {
            'health.listen': `127.0.0.1:${health}`,
            'host.enabled': false,
            poolers: [
              {
                url: pooler.adminUrl,
                through_url: `postgres://${user.user}@127.0.0.1:${pooler.port}/postgres`,
                through_password_file: passwordFile,
              },
            ],
          },
        }),
      )
    }
    const config = join(directory, 'haproxy.cfg')
    writeFileSync(config, documentedConfig({ writer, reader, servers: ports }))
    stack.use(
      await startChild({
        name: 'HAProxy',
        command,
        args: ['-db', '-f', config],
        logFile: join(directory, 'haproxy.log'),
      }),
    )
    /** The port of the server that a client of this port gets; undefined when it gets none. */
    const ledTo = async (port: number): Promise<number | undefined> => {
      try {
        return await withClient(
          { host: '127.0.0.1', port, ...user, database: 'postgres' },
          async (client) => {
            const { rows } = await client.query<{ port: number }>('select inet_server_port() as port')
            return rows[0]?.port
          },
        )
      } catch {
        return undefined
      }
    }
    const untilLed = (what: string, port: number, wanted: PostgresServer | undefined) =>
      waitFor(what, async () => (await ledTo(port)) === wanted?.port, { timeoutMs: 15_000, intervalMs: 100 })

    await untilLed('writers reach the primary', writer, first)
    await untilLed('readers reach the standby', reader, second)

    await first.stop('immediate')
    await second.query('select pg_promote()')
    await untilLed('writers reach the promoted server', writer, second)
    await untilLed('no replica is left for readers', reader, undefined)

    await poolers[1]![Symbol.asyncDispose]()
    await untilLed('nobody is led to a server without its pooler', writer, undefined)
    // A client is refused at once where nobody listens; the agent knows it from its next look on.
    const answer = await waitFor('the agent to say so', async () => {
      const found = await fetch(`http://127.0.0.1:${ports[1]!.health}/pooled/primary`)
      return found.status === 503 && found
    })
    expect(answer.headers.get('x-pgherd-reason')).toContain('the pooler does not let connections through')
  },
)
