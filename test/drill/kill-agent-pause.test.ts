import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { findProgram } from '../../testbed/find-program.ts'
import { startFleet } from '../../testbed/fleet.ts'
import { startPgbouncer } from '../../testbed/pgbouncer.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'

const kills = Number(process.env['PGHERD_KILLS'] ?? 3)

test.skipIf(findProgram('pgbouncer') === undefined)(
  'kill -9 of an agent that pauses a database: its clients go on once it is back, and the audit says whose pause it was',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-drill-pause-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    await using postgres = await startPostgres()
    await postgres.query(`create role app login password 'secret'`)
    await using pooler = (await startPgbouncer({ postgres }))!
    await using fleet = await startFleet({ directory, operatorName: 'alice' })
    mkdirSync(join(directory, 'agent'))
    writeFileSync(join(directory, 'agent', 'policy.yaml'), 'rules:\n  - kinds: [read, change, destructive]\n')
    await using agent = await fleet.addAgent({
      directory: join(directory, 'agent'),
      cluster: 'pg-main',
      seq: 1,
      postgresUrl: postgres.url(),
      extraConfig: { poolers: [{ url: pooler.adminUrl }] },
    })
    const console = await connect(pooler.adminUrl)
    const client = await connect(pooler.url('postgres', 'app', 'secret'))
    const agentctl = (...args: readonly string[]) => fleet.operator.agentctl(...args)
    const isPaused = async () => {
      const { rows } = await console.query<Record<string, unknown>>('show databases')
      return Number(rows.find(({ name }) => name === 'postgres')?.['paused']) === 1
    }
    await waitFor(
      'the agent takes commands',
      async () => (await agentctl('run', 'ping', '-n', 'pg-main-1')).status === 0,
      {
        timeoutMs: 20_000,
        explain: () => agent.logTail(5),
      },
    )

    for (let kill = 0; kill < kills; kill++) {
      // It keeps the pause from coming to its end.
      await client.query('begin; select 1')
      const pausing = agentctl(
        ...['run', 'pgbouncer-pause', 'database=postgres', 'within_ms=60000', '-n', 'pg-main-1', '--yes'],
        ...['--reason', `drill ${kill}`],
      )
      await waitFor('the pause', isPaused, { explain: () => agent.logTail(5) })
      await agent.kill()
      expect(await isPaused()).toBe(true)
      await agent.start()
      await waitFor('the clients go on', async () => !(await isPaused()), {
        timeoutMs: 20_000,
        explain: () => agent.logTail(10),
      })
      const { status, stdout } = await pausing
      expect(stdout).toContain('The agent ended while it ran; postgres was resumed.')
      expect(status).toBe(1)
      await client.query('commit')
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    }
    // The collector has a copy of the agent's audit, which follows.
    const { stdout } = await waitFor('each pause is undone in the audit', async () => {
      const audit = await agentctl('-o', 'tsv', 'audit', '-n', 'pg-main-1')
      return (audit.stdout.match(/\tundone\t/g)?.length ?? 0) >= kills ? audit : undefined
    })
    expect(stdout.match(/\tundone\t/g)).toHaveLength(kills)
    expect(stdout.match(/\tenrolled\t/g)).toHaveLength(1)
  },
)

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}
