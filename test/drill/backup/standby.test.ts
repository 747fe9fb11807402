import { expect, test } from 'vitest'
import { cut } from '../../../testbed/ha/faults.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startStandbyHerd } from './standby-herd.ts'

test('a standby makes the backup; when its host dies in the middle, the other standby makes it', async () => {
  await using herd = await startStandbyHerd('ha-turns')
  const leader = await herd.leader()
  const first = await herd.untilBackup()
  expect(first).not.toBe(leader)
  expect(herd.wholeBackups()).toEqual([])
  herd.killHost(first)

  const done = await herd.untilRun('the other has made it', ({ outcome }) => outcome === 'done')
  const other = herd.cluster.members.find((member) => herd.nodeOf(member) === done.node)
  expect([leader, first]).not.toContain(other)
  expect(done).toMatchObject({ operation: 'full', askedBy: 'schedule' })
  expect(herd.wholeBackups()).toEqual([done.label])
  expect(await herd.told('list')).toContain(`${done.node}: runs them: it is the standby`)
  expect(await herd.told('history')).toMatch(new RegExp(`${done.node} +full +done `))

  for (const service of [first.patroni, herd.agentOf(first)]) await service.start()
  const lost = await herd.untilRun('the dead host tells', ({ outcome }) => outcome === 'interrupted')
  expect(lost).toMatchObject({ node: herd.nodeOf(first), slotMs: done.slotMs, label: null })
  expect(await herd.told('history')).toMatch(new RegExp(`${lost.node} +full +interrupted `))
  expect(herd.wholeBackups()).toEqual([done.label])
}, 300_000)

test('a standby whose cable is pulled in the middle: its lock goes after protocol_timeout, and the other standby makes it', async () => {
  await using herd = await startStandbyHerd('ha-cut', { protocol_timeout: '30s' })
  const leader = await herd.leader()
  const first = await herd.untilBackup()
  const pulled = await cut(first)

  const done = await herd.untilRun('the other has made it', ({ outcome }) => outcome === 'done', 180_000)
  expect([leader, first].map(herd.nodeOf)).not.toContain(done.node)
  expect(herd.wholeBackups()).toEqual([done.label])
  await pulled.heal()
  const lost = await herd.untilRun('what was cut off tells how it ended', ({ node, outcome }) => {
    return node === herd.nodeOf(first) && outcome !== 'running'
  })
  expect(['failed', 'elsewhere'], `${lost.outcome}: ${lost.message}`).toContain(lost.outcome)
  expect([lost.slotMs, lost.label]).toEqual([done.slotMs, null])
  expect(herd.wholeBackups()).toEqual([done.label])
}, 500_000)

test('when no agent of a standby runs, the primary makes it of its own files after fallback_after', async () => {
  await using herd = await startStandbyHerd('ha-fallback', { fallback_after: '2m' })
  const leader = await herd.leader()
  const first = await herd.untilBackup()
  const [other] = herd.cluster.members.filter((member) => member !== leader && member !== first)
  for (const standby of [other!, first]) await herd.agentOf(standby).stop()

  const done = await herd.untilRun('the primary has made it', ({ outcome }) => outcome === 'done', 180_000)
  expect(done.node).toBe(herd.nodeOf(leader))
  expect(done.startedMs - done.slotMs!).toBeGreaterThanOrEqual(120_000)
  expect(herd.wholeBackups()).toEqual([done.label])
  expect(await herd.told('history')).toMatch(new RegExp(`${done.node} +full +done `))
}, 400_000)

test('a failover in the middle of a backup from a standby: it is told, and the standby of the new primary makes the one backup', async () => {
  await using herd = await startStandbyHerd('ha-failover')
  const leader = await herd.leader()
  const first = await herd.untilBackup()
  const slotMs = (await herd.runs()).find(({ outcome }) => outcome === 'running')?.slotMs
  herd.killHost(leader)
  const next = await herd.cluster.waitForPrimary({ other: leader })

  const done = await herd.untilRun('it is made', ({ outcome }) => outcome === 'done')
  expect(done.node).not.toBe(herd.nodeOf(next))
  expect(done.node).not.toBe(herd.nodeOf(leader))
  expect(done.slotMs).toBe(slotMs)
  const lost = await herd.untilRun('the run that was lost', (run) => {
    return run.node === herd.nodeOf(first) && run.outcome === 'failed'
  })
  expect(lost).toMatchObject({ slotMs, label: null })
  expect(['failover', 'server-unreachable']).toContain(lost.problem)
  expect(herd.wholeBackups()).toEqual([done.label])
  await waitFor('nothing runs', async () => (await herd.runs()).every(({ outcome }) => outcome !== 'running'))
  expect(await herd.told('list')).toContain(`${done.node}: runs them: it is the standby`)
  expect(await herd.told('history')).toMatch(new RegExp(`${lost.node} +full +failed: ${lost.problem} `))
}, 300_000)
