import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { queryCollector } from '../../testbed/collector-api.ts'
import { startFleet } from '../../testbed/fleet.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { entryOf } from '../../testbed/pgherd.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import { runCommand } from '../../testbed/run-command.ts'
import { waitFor } from '../../testbed/wait.ts'
import { batchMs, batchSeries, startBatchWriter } from './batch-writer.ts'

function collectorCommand(...args: readonly string[]) {
  return runCommand(process.execPath, [entryOf('collector'), ...args])
}

test('a collector is lost with its disk, and its backup, made while it ran, goes on with the same agents and all samples', async () => {
  const own = createOwnDirectory({ prefix: 'pgherd-backup-' })
  onTestFinished(() => own[Symbol.dispose]())
  const directory = own.path
  const backups = join(directory, 'backups')
  await using postgres = await startPostgres()
  await postgres.query('create role pgherd login; grant pg_monitor to pgherd')
  await using fleet = await startFleet({
    directory,
    operatorName: 'alice',
    extraConfig: { 'auth.anonymous_role': 'admin', 'rules.files': [] },
  })
  const { collector, operator } = fleet
  mkdirSync(join(directory, 'agent'))
  writeFileSync(join(directory, 'agent', 'policy.yaml'), 'rules:\n  - kinds: [read]\n')
  await using agent = await fleet.addAgent({
    directory: join(directory, 'agent'),
    cluster: 'pg-main',
    seq: 1,
    postgresUrl: postgres.url('postgres', 'pgherd'),
    interval: '1s',
    extraConfig: { 'scrape.timeout': '800ms' },
  })
  const answersCommands = () =>
    waitFor(
      'a command of the operator is answered by the agent',
      async () => (await operator.agentctl('show', 'activity', '-n', 'pg-main-1')).status === 0,
      { timeoutMs: 30_000, explain: () => agent.logTail(5) },
    )
  await answersCommands()

  const startMs = Date.now() - 600_000
  const writer = startBatchWriter(collector.url, startMs)
  await waitFor('batches are written', () => writer.acknowledged.length > 20)
  const before = writer.acknowledged.length
  const made = await collectorCommand('backup', '--config', collector.configFile, '--to', backups)
  const after = writer.acknowledged.length
  expect(made.stderr + made.stdout).toContain('It contains secrets')
  expect(made.status).toBe(0)
  await waitFor('the collector took samples meanwhile', () => writer.acknowledged.length > after)
  await writer.stop()
  const backup = join(backups, readdirSync(backups).find((name) => name.endsWith('Z')) ?? '')
  expect(statSync(join(backup, 'state/trust/ca.key')).mode & 0o777).toBe(0o600)
  expect(statSync(backup).mode & 0o777).toBe(0o700)
  expect((await collectorCommand('backup', 'verify', backups)).stdout).toMatch(/ files, 0 damaged/)

  await collector.kill()
  const store = join(directory, 'collector', 'store')
  renameSync(store, `${store}.lost`)
  const restored = await collectorCommand('restore', backups, '--to', store)
  expect(restored.stderr).toContain('every checksum is compared')
  expect(restored.stdout).toContain(`${collector.configFile} is in ${store}/restored-configuration/`)
  await collector.start()

  const [first] = await queryCollector(collector.url, 'drill_value{series="0"}[1h]')
  const times = first?.points.map(({ timestampMs }) => timestampMs) ?? []
  // All that was acknowledged before, and of what came meanwhile a beginning.
  expect(times).toEqual(times.map((_, batch) => startMs + batch * batchMs))
  expect(times.length).toBeGreaterThanOrEqual(before)
  expect(times.length).toBeLessThanOrEqual(after + 1)
  const counted = await queryCollector(collector.url, 'count(count_over_time(drill_value[1h]))')
  expect(counted[0]?.points[0]?.value).toBe(batchSeries)

  const restartedMs = Date.now()
  await waitFor(
    'the agent pushes to it by the certificate that it has',
    async () => {
      const [up] = await queryCollector(collector.url, 'timestamp(pg_up{ins="pg-main-1"})')
      return (up?.points[0]?.value ?? 0) * 1000 > restartedMs
    },
    { timeoutMs: 45_000, explain: () => agent.logTail(5) },
  )
  await answersCommands()
  const audit = await operator.agentctl('audit', 'verify')
  expect(audit.stdout + audit.stderr).toContain('pg-main-1')
})

test('a second backup shares what is unchanged, a damaged one is named and not restored, and nothing is written over', async () => {
  const own = createOwnDirectory({ prefix: 'pgherd-backup-' })
  onTestFinished(() => own[Symbol.dispose]())
  const store = join(own.path, 'store')
  const backups = join(own.path, 'backups')
  const back = () => collectorCommand('backup', '--store-directory', store, '--to', backups, '--keep', '2')
  expect((await collectorCommand('init', '--store-directory', store)).status).toBe(0)
  mkdirSync(join(store, 'metrics', 'blocks'), { recursive: true })
  mkdirSync(join(store, 'metrics', 'log'), { recursive: true })
  const name = '1700000000000-0-0.block'
  writeFileSync(join(store, 'metrics', 'blocks', name), Buffer.alloc(4096, 7))
  const inode = (backup: string) => statSync(join(backup, 'state/metrics/blocks', name)).ino
  const whole = () =>
    readdirSync(backups)
      .filter((each) => /Z(-\d+)?$/.test(each))
      .sort()

  mkdirSync(join(backups, '20260101T000000Z.unfinished'), { recursive: true })
  for (let made = 0; made < 3; made++) expect(await back()).toMatchObject({ status: 0 })
  expect(readdirSync(backups).filter((each) => each.endsWith('.unfinished'))).toEqual([])
  const [older = '', newer = '', ...more] = whole().map((each) => join(backups, each))
  expect(more).toEqual([])
  expect(inode(newer)).toBe(inode(older))

  writeFileSync(join(newer, 'state/trust/ca.pem'), 'damage')
  const verified = await collectorCommand('backup', 'verify', newer)
  expect(verified).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('ca.pem: it has 6 bytes') as unknown,
  })
  const target = join(own.path, 'restored')
  const refused = await collectorCommand('restore', newer, '--to', target)
  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('1 files of the backup') as unknown,
  })
  expect(existsSync(target)).toBe(false)
  expect(existsSync(`${target}.unfinished`)).toBe(false)

  mkdirSync(target)
  expect(await collectorCommand('restore', older, '--to', target)).toMatchObject({ status: 0 })
  const again = await collectorCommand('restore', older, '--to', target)
  expect(again).toMatchObject({ status: 3, stderr: expect.stringContaining('is not empty') as unknown })

  const manifest = join(older, 'manifest.json')
  writeFileSync(manifest, '{"format":9,"pgherd":"9.0.0"}')
  const newerFormat = await collectorCommand('restore', older, '--to', join(own.path, 'other'))
  expect(newerFormat.stderr).toContain('restore it with pgherd 9.0.0')
  const nothing = await collectorCommand('backup', '--store-directory', own.path, '--to', `${own.path}.copy`)
  expect(nothing).toMatchObject({ status: 1, stderr: expect.stringContaining("no collector's") as unknown })
  expect(existsSync(`${own.path}.copy`)).toBe(false)
  const inside = await collectorCommand('backup', '--store-directory', store, '--to', join(store, 'backups'))
  expect(inside).toMatchObject({ status: 2, stderr: expect.stringContaining('inside of') as unknown })
})
