import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { version } from '../../common/version.ts'
import { queryCollector, readMetrics } from '../../testbed/collector-api.ts'
import { startFleet } from '../../testbed/fleet.ts'
import type { Fleet } from '../../testbed/fleet.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { entryOf, startAgent } from '../../testbed/pgherd.ts'
import type { PgherdProcess } from '../../testbed/pgherd.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { agentOfRelease, stateOfRelease } from '../../testbed/release.ts'
import { runCommand } from '../../testbed/run-command.ts'
import { waitFor } from '../../testbed/wait.ts'
import { spooledTimes } from './spooled-times.ts'

/** test/fixtures/releases says how it was made. */
const previous = '0.1.0'
const nodes = z.array(z.object({ node: z.string(), connected: z.boolean(), version: z.string() }))
const commands = z.array(z.object({ node: z.string(), kind: z.string(), state: z.string() }))

test('the previous release is not this one', () => {
  expect(version).not.toBe(previous)
})

describe('a collector that was upgraded', () => {
  const owned = new AsyncDisposableStack()
  const own = createOwnDirectory({ prefix: 'pgherd-upgrade-' })
  owned.use(own)
  const directory = join(own.path, 'agent')
  const agentOptions = { cluster: 'pg-new', seq: 1, interval: '1s', directory }
  const extraConfig = { 'scrape.timeout': '800ms', 'log.level': 'debug' }
  let postgres: PostgresServer
  let fleet: Fleet
  let agent: PgherdProcess

  beforeAll(async () => {
    postgres = owned.use(await startPostgres())
    await postgres.query('create role pgherd login; grant pg_monitor to pgherd')
    stateOfRelease(previous, join(own.path, 'collector', 'store'))
    fleet = owned.use(
      await startFleet({
        directory: own.path,
        goesOn: true,
        operatorName: 'bob',
        extraConfig: { 'store.retention': '3650d', 'rules.files': [] },
      }),
    )
    mkdirSync(directory)
    writeFileSync(join(directory, 'policy.yaml'), 'rules:\n  - kinds: [read]\n')
  }, 60_000)

  afterAll(() => owned.disposeAsync(), 30_000)

  const json = async (...args: readonly string[]): Promise<unknown> => {
    const { status, stdout, stderr } = await fleet.operator.agentctl('-o', 'json', ...args)
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }
  const answersCommands = () =>
    waitFor(
      'a command is carried out',
      async () => (await fleet.operator.agentctl('show', 'activity', '-n', 'pg-new-1')).status === 0,
      { timeoutMs: 30_000, explain: () => agent.logTail(5) },
    )

  test('has the samples that the previous release has written, in blocks and in its log', async () => {
    const startMs = Date.UTC(2025, 0, 10)
    const found = await queryCollector(
      fleet.collector.url,
      'release_value[31h]',
      startMs + 31 * 3_600_000 - 1,
    )
    expect(found).toHaveLength(10)
    for (const { metric, points } of found) {
      const offset = Number(metric['series']) / 8
      expect(points).toEqual(
        Array.from({ length: 360 }, (_, step) => ({
          timestampMs: startMs + step * 300_000,
          value: step + offset,
        })),
      )
    }
    const inLog = await queryCollector(fleet.collector.url, 'count_over_time(pg_up{ins="pg-old-1"}[3650d])')
    expect(inLog[0]?.points[0]?.value).toBeGreaterThan(0)
    const figures = await readMetrics(`${fleet.collector.url}/metrics`)
    expect(figures.get('pgherd_store_corruptions_total')).toBe(0)
  })

  test('has its fleet, its commands and its audit', async () => {
    expect(nodes.parse(await json('nodes'))).toContainEqual({
      node: 'pg-old-1',
      connected: false,
      version: previous,
    })
    expect(commands.parse(await json('commands'))).toContainEqual(
      expect.objectContaining({ node: 'pg-old-1', state: 'done' }),
    )
    const verified = await fleet.operator.agentctl('audit', 'verify')
    expect(verified).toMatchObject({ status: 0 })
  })

  test('takes an agent of the previous release, which joins, pushes and carries out commands', async () => {
    agent = owned.use(
      await fleet.addAgent(
        { ...agentOptions, postgresUrl: postgres.url('postgres', 'pgherd'), extraConfig },
        agentOfRelease(previous),
      ),
    )
    await answersCommands()
    expect(nodes.parse(await json('nodes'))).toContainEqual({
      node: 'pg-new-1',
      connected: true,
      version: previous,
    })
    await waitFor(
      'its samples',
      async () => (await queryCollector(fleet.collector.url, 'pg_up{ins="pg-new-1"}')).length > 0,
    )
    expect(readFileSync(agent.logFile, 'utf8')).not.toMatch(/dropped|"level":50/)
  })

  test('takes what that agent has kept on its disk, from the agent of this release, which goes on with it', async () => {
    await fleet.collector.stop()
    const stoppedMs = Date.now()
    const spooled = () => spooledTimes(agent.logFile, 'pgsql').filter((time) => time > stoppedMs)
    await waitFor('measurements that it can only keep', () => spooled().length >= 3)
    await agent.stop()
    // At its stop it writes stale markers, which are no samples that a query shows.
    const kept = spooled().filter((time) => time % 1000 === 0)
    agent = owned.use(
      await startAgent({
        ...agentOptions,
        postgresUrl: postgres.url('postgres', 'pgherd'),
        collectorUrl: fleet.tlsUrl,
        extraConfig: {
          ...extraConfig,
          'tls.directory': join(directory, 'tls'),
          'actions.operators_file': fleet.operatorsFile,
          'actions.policy_file': join(directory, 'policy.yaml'),
        },
      }),
    )
    await fleet.collector.start()
    await answersCommands()
    expect(nodes.parse(await json('nodes'))).toContainEqual({ node: 'pg-new-1', connected: true, version })
    let missing: readonly number[] = kept
    await waitFor(
      'every sample of while the collector was away',
      async () => {
        const [up] = await queryCollector(fleet.collector.url, 'pg_up{ins="pg-new-1"}[10m]')
        missing = kept.filter((time) => up?.points.every(({ timestampMs }) => timestampMs !== time))
        return up !== undefined && missing.length === 0
      },
      // The pusher may have just begun its longest wait between two attempts, 30 s.
      { timeoutMs: 45_000, explain: () => `${missing.join(' ')} of ${kept.join(' ')} are missing` },
    )
  })
})

describe('a state that a newer release has written', () => {
  function start() {
    const own = createOwnDirectory({ prefix: 'pgherd-upgrade-' })
    onTestFinished(() => own[Symbol.dispose]())
    const store = join(own.path, 'store')
    stateOfRelease(previous, store)
    const run = () =>
      runCommand(process.execPath, [
        ...[entryOf('collector'), '--store-directory', store],
        ...['--http-plain-listen', '127.0.0.1:1', '--auth-anonymous-role', 'viewer'],
      ])
    return { store, run }
  }

  test('is refused by its schema', async () => {
    const { store, run } = start()
    {
      using database = new DatabaseSync(join(store, 'fleet.sqlite'))
      database.exec('PRAGMA user_version = 900')
    }
    expect(await run()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /has schema 900, this release knows \d+: start the newer release/,
      ) as unknown,
    })
  })

  test('is refused by the format of its metrics', async () => {
    const { store, run } = start()
    writeFileSync(join(store, 'metrics', 'format'), 'pgherd store 7\n')
    expect(await run()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('has format 7, which this release does not know') as unknown,
    })
  })
})
