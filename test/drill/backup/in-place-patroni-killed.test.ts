import { readdirSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { claims } from '../../../testbed/ha/claims.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { switchover } from '../../../testbed/ha/faults.ts'
import { callPatroni } from '../../../testbed/ha/patroni-api.ts'
import { startSampler } from '../../../testbed/ha/sampler.ts'
import type { Sampler } from '../../../testbed/ha/sampler.ts'
import type { CommandResult } from '../../../testbed/run-command.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { prepareBackups, startPatroniHerd, untilArchived } from './patroni-herd.ts'
import type { PatroniHerd } from './patroni-herd.ts'

const owned = new AsyncDisposableStack()
let herd: PatroniHerd
let leader: Member
/** A moment at which the ledger was there. */
let point: string
let primaries: Sampler<readonly string[]>

beforeAll(async () => {
  herd = owned.use(await startPatroniHerd({ scope: 'ha-killed' }))
  leader = await herd.leader()
  await leader.query('create table ledger as select generate_series(1, 1000) as entry')
  await prepareBackups(herd, leader)
  await herd.succeed(leader, 'run', '--type', 'full', '--yes')
  const endedMs = Date.now()
  // A backup's end is known to the second, and its target must be behind it.
  await waitFor('the next second', () => Date.now() > endedMs + 2_000)
  await dropLedger()
}, 180_000)

afterAll(() => owned.disposeAsync(), 60_000)

beforeEach(async () => {
  await untilReady()
  primaries = startSampler({ ask: () => claims(herd.cluster) })
})

afterEach(async () => {
  herd.holdOf(leader).release()
  await primaries.stop()
  const two = primaries.samples.filter(({ value = [] }) => value.length > 1)
  expect(two.map(({ value }) => value)).toEqual([])
})

async function dropLedger(): Promise<void> {
  const [row] = await leader.query<{ before: string }>('select now()::text as before')
  point = row!.before
  await leader.query('drop table ledger')
  await leader.query('create table later as select 1 as one')
  await leader.query('select pg_switch_wal()')
  await untilArchived(leader)
}

/** The data directory is on a file system that only its host has. */
function seen(path: string): string {
  return `/proc/${leader.host.initPid}/root${path}`
}

function besides(word: 'before' | 'restored'): readonly string[] {
  const { dataDirectory } = leader
  const all = readdirSync(seen(dirname(dataDirectory)))
  return all.filter((name) => name.startsWith(`${basename(dataDirectory)}.${word}-`))
}

const inode = (path: string): number => statSync(seen(path)).ino

async function isPaused(): Promise<boolean> {
  const answer = await fetch(`${leader.patroniUrl}/config`)
  return ((await answer.json()) as { pause?: boolean }).pause === true
}

const hasLedger = async (): Promise<boolean> =>
  (await leader.query(`select from pg_tables where tablename = 'ledger'`)).length > 0

/** Kills the agent in the middle of a restore, and starts it again. @returns what the operator saw, and reads afterwards */
async function killedInRestore(
  until: () => Promise<unknown>,
  meanwhile?: () => Promise<unknown>,
): Promise<CommandResult> {
  const asked = herd.backup(leader, 'restore', '--in-place', '--to', point, '--yes')
  let answer = 'agentctl has not answered'
  void asked.then(({ stdout, stderr }) => (answer = `${stdout}${stderr}`))
  await until().catch((error: unknown) => {
    throw new Error(`${String(error)}\n${answer}\n${herd.explain()}`)
  })
  await herd.agentOf(leader).kill()
  herd.holdOf(leader).release()
  await meanwhile?.()
  await herd.agentOf(leader).start()
  return asked
}

/** An agent looks for its server again after 15 s, where that did not run when it was started. */
function untilReady(): Promise<boolean> {
  let said = ''
  return waitFor(
    'the agent to be ready for a restore',
    async () => {
      const plan = ['restore', '--in-place', '--to', point, '--dry-run'] as const
      const { status, stdout, stderr } = await herd.backup(leader, ...plan)
      said = `${stdout}${stderr}`
      return status === 0
    },
    { timeoutMs: 60_000, intervalMs: 500, explain: () => said },
  )
}

const heldAt = (call: RegExp) => () => {
  herd.holdOf(leader).arm(call)
  return herd.holdOf(leader).reached({ timeoutMs: 60_000 })
}

/** As if there had been no restore. */
async function expectAsBefore({ status, stdout, stderr }: CommandResult): Promise<void> {
  const said = `${stdout}${stderr}`
  expect(status, said).not.toBe(0)
  expect(said).toContain('The agent ended while it ran')
  expect(said).toContain('as it was before')
  expect(said).toContain('Patroni was resumed')
  expect(await isPaused()).toBe(false)
  expect(await herd.cluster.waitUntilHealthy()).toBe(leader)
  expect(await hasLedger()).toBe(false)
  expect((await leader.query('select from later')).length).toBe(1)
  expect(besides('before')).toEqual([])
}

test('killed when Patroni is paused and the server still runs: Patroni is resumed', async () => {
  const directory = inode(leader.dataDirectory)
  const ended = await killedInRestore(() =>
    waitFor('Patroni is paused', isPaused, { timeoutMs: 60_000, intervalMs: 10 }),
  )
  await expectAsBefore(ended)
  expect(inode(leader.dataDirectory)).toBe(directory)
  expect(besides('restored')).toEqual([])
}, 180_000)

test('killed when the server is stopped and nothing is exchanged yet: the server is started', async () => {
  const directory = inode(leader.dataDirectory)
  await expectAsBefore(await killedInRestore(heldAt(/^rename \S+\/pg \S+\.before-/)))
  expect(inode(leader.dataDirectory)).toBe(directory)
  expect(besides('restored')).toEqual([])
}, 180_000)

test('killed between the two renames: the directory of before is put back', async () => {
  const directory = inode(leader.dataDirectory)
  const ended = await killedInRestore(async () => {
    await heldAt(/^rename \S+\.restored-\S+ \S+\/pg$/)()
    expect(readdirSync(seen(dirname(leader.dataDirectory)))).not.toContain('pg')
  })
  await expectAsBefore(ended)
  expect(inode(leader.dataDirectory)).toBe(directory)
  expect(besides('restored')).toEqual([])
}, 180_000)

test('killed when the restored server runs and was not judged yet: it is kept aside, and that of before is put back', async () => {
  const directory = inode(leader.dataDirectory)
  const old = leader.postmasterPid()
  const ended = await killedInRestore(() =>
    waitFor('Patroni starts the restored server', () => ![undefined, old].includes(leader.postmasterPid()), {
      timeoutMs: 60_000,
      intervalMs: 2,
    }),
  )
  await expectAsBefore(ended)
  expect(`${ended.stdout}${ended.stderr}`).toContain('what was restored is kept as')
  expect(inode(leader.dataDirectory)).toBe(directory)
  expect(besides('restored')).toHaveLength(1)
}, 180_000)

test('what was restored and put aside left nothing in the archive that a later failover stumbles over', async () => {
  leader = await switchover(herd.cluster)
  await herd.cluster.waitUntilHealthy()
  await leader.query('create table after_it as select 1 as one')
  await leader.query('select pg_switch_wal()')
  await untilArchived(leader)
  const [row] = await leader.query<{ failed: string }>('select failed_count as failed from pg_stat_archiver')
  expect(Number(row?.failed)).toBe(0)
}, 180_000)

/** The restored server goes on, and everybody follows it. */
async function expectRestored({ status, stdout, stderr }: CommandResult, kept: number): Promise<void> {
  const said = `${stdout}${stderr}`
  expect(status, said).not.toBe(0)
  expect(said).toContain('The agent ended while it ran')
  expect(said).toContain(`the restored server runs on ${leader.dataDirectory}`)
  expect(await isPaused()).toBe(false)
  expect(await hasLedger()).toBe(true)
  expect(besides('before')).toHaveLength(kept)
  expect(await herd.cluster.waitUntilHealthy()).toBe(leader)
}

test('killed when the restored server is known to be good, before Patroni is resumed: it goes on, and the replicas follow it', async () => {
  const ended = await killedInRestore(heldAt(/^rm \S+\.restored-\S+\.tablespaces$/))
  await expectRestored(ended, 1)
  expect(`${ended.stdout}${ended.stderr}`.match(/was rebuilt in/g)).toHaveLength(2)
}, 180_000)

test('killed while the replicas are rebuilt: Patroni is not paused, and the replicas follow', async () => {
  await dropLedger()
  let isBegun = false
  const ended = await killedInRestore(() =>
    waitFor(
      'Patroni is resumed',
      async () => {
        const now = await isPaused()
        isBegun ||= now
        return isBegun && !now
      },
      { timeoutMs: 90_000, intervalMs: 10 },
    ),
  )
  await expectRestored(ended, 2)
}, 180_000)

test('killed between the two renames, and Patroni resumed by hand before the next start: what Patroni has made is left, and both directories are kept', async () => {
  if (await hasLedger()) await dropLedger()
  const kept = besides('before').length
  const restored = besides('restored').length
  const { status, stdout, stderr } = await killedInRestore(
    heldAt(/^rename \S+\.restored-\S+ \S+\/pg$/),
    async () => {
      await waitFor('agentctl to tell that it is paused', async () => {
        const { stdout: shown } = await herd.fleet.operator.agentctl('ha', 'show', herd.cluster.scope)
        return shown.includes('Patroni is paused')
      })
      const answer = await callPatroni(`${leader.patroniUrl}/config`, 'PATCH', { pause: null })
      expect(answer.status).toBe(200)
      await herd.cluster.waitForPrimary({ other: leader })
      await herd.cluster.waitUntilHealthy()
    },
  )
  const said = `${stdout}${stderr}`
  expect(status, said).not.toBe(0)
  expect(said).toContain(`${leader.dataDirectory} was made anew by somebody else meanwhile and is left so`)
  expect(said).toMatch(/Patroni was resumed, and m\d leads/)
  expect(besides('before')).toHaveLength(kept + 1)
  expect(besides('restored')).toHaveLength(restored + 1)
  expect(await herd.cluster.waitUntilHealthy()).not.toBe(leader)
}, 240_000)
