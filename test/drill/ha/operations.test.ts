import { expect, test } from 'vitest'
import { kindsBeside } from '../../../agent/actions/kinds.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { killPatroni, killPostgres } from '../../../testbed/ha/faults.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import { readCluster } from '../../../testbed/ha/patroni-api.ts'
import { contextOver } from '../../agent/actions/action-context.ts'
import { operationsOf } from './operations-of.ts'

test('operations look before they act, and do not end before what they are for is so', async () => {
  await using cluster = await startHaCluster()
  const primary = await cluster.waitForPrimary()
  const operations = operationsOf(primary)
  const members = (await readCluster(primary.patroniUrl))!
  const sync = members.find(({ role }) => role === 'sync_standby')!
  const asynchronous = members.find(({ role }) => role === 'replica')!

  // A standby that is not synchronous.
  await expect(operations.run('patroni-switchover', { candidate: asynchronous.name })).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining(`${asynchronous.name} is not a synchronous standby`) as string,
  })
  await expect(operations.run('patroni-restart')).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('is the primary') as string,
  })
  await expect(operations.run('patroni-switchover', { candidate: 'nobody' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  expect((await readCluster(primary.patroniUrl))!.find(({ role }) => role === 'leader')?.name).toBe(
    primary.name,
  )

  // The same look, told.
  const plan = await operations.plan('patroni-switchover', { candidate: sync.name })
  expect(plan.at(-1)).toBe('nothing speaks against it')

  const switched = await operations.run('patroni-switchover', { candidate: sync.name })
  expect(switched.message).toMatch(/Successfully switched over to .*nobody led for \d+\.\d s/)
  expect(switched.steps[0]).toMatch(new RegExp(`^${sync.name} leads on timeline \\d+$`))
  expect(operations.told.length).toBeGreaterThan(0)
  const after = (await readCluster(primary.patroniUrl))!
  const timelineOf = (name: string) => after.find((one) => one.name === name)?.timeline
  expect(timelineOf(primary.name)).toBe(timelineOf(sync.name))

  // The old leader is a standby now, and may be restarted.
  const before = await primary.queryInside('select pg_postmaster_start_time()')
  const restarted = await operations.run('patroni-restart', { force: true })
  expect(restarted.steps[0]).toContain('it runs since')
  expect(await primary.queryInside('select pg_postmaster_start_time()')).not.toBe(before)

  const paused = await operations.run('patroni-pause')
  expect(paused.steps).toEqual(cluster.members.map(({ name }) => `${name} is paused`))
  await expect(operations.run('patroni-switchover', { candidate: primary.name })).rejects.toMatchObject({
    message: expect.stringContaining('is paused') as string,
  })
  const resumed = await operations.run('patroni-resume')
  expect(resumed.steps).toEqual(cluster.members.map(({ name }) => `${name} is not paused`))
})

test('what is refused is done with force, and the result says against what', async () => {
  await using cluster = await startHaCluster({ synchronousMode: false })
  const primary = await cluster.waitForPrimary()
  const operations = operationsOf(primary)
  const candidate = cluster.members.find((member) => member !== primary)!
  await expect(operations.run('patroni-failover', { candidate: candidate.name })).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining(`${primary.name} leads and answers`) as string,
  })
  const done = await operations.run('patroni-failover', { candidate: candidate.name, force: true })
  expect(done.message).toContain(`Forced against: ${primary.name} leads and answers`)
  expect(done.steps[0]).toContain(`${candidate.name} leads`)
})

test('a failover from a leader that is dead succeeds, and tells that it does not follow', async () => {
  await using cluster = await startHaCluster({ synchronousMode: false })
  const primary = await cluster.waitForPrimary()
  const candidate = cluster.members.find((member) => member !== primary)!
  const operations = operationsOf(candidate)
  // While it is paused nobody but the operator promotes.
  await operations.run('patroni-pause')
  await using dead = await killPatroni(primary)
  killPostgres(primary)
  await waitFor(
    'the leader key has expired',
    async () => {
      const members = await readCluster(candidate.patroniUrl)
      return members?.every(({ role }) => role !== 'leader')
    },
    { timeoutMs: 30_000 },
  )
  const done = await operations.run('patroni-failover', { candidate: candidate.name, force: true })
  expect(done.steps.find((step) => step.includes('leads on timeline'))).toContain(`${candidate.name} leads`)
  await operations.run('patroni-resume', { force: true }).catch(() => undefined)
  await dead.heal()
})

test('a wrong password is told as such, and changes nothing', async () => {
  await using cluster = await startHaCluster()
  const primary = await cluster.waitForPrimary()
  const kinds = kindsBeside([{ url: primary.patroniUrl }])
  const pause = kinds.find(({ kind }) => kind === 'patroni-pause')!
  const context = contextOver(() => Promise.reject(new Error('Patroni is asked, no server')))
  await expect(pause.run(context, pause.args.parse({}))).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('asks for a user and password') as string,
  })
  await expect(pause.run(context, pause.args.parse({ scope: 'another' }))).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining(`is of ${cluster.scope}, not of another`) as string,
  })
})

test('a standby is copied anew, a setting is changed for all, and a file is read again', async () => {
  await using cluster = await startHaCluster({ synchronousMode: false })
  const primary = await cluster.waitForPrimary()
  const standby = cluster.members.find((member) => member !== primary)!
  await expect(operationsOf(primary).run('patroni-reinitialize', { force: true })).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining(`${primary.name} leads`) as string,
  })
  const before = await standby.queryInside('select pg_postmaster_start_time()')
  const copied = await operationsOf(standby).run('patroni-reinitialize')
  expect(copied.steps[0]).toMatch(new RegExp(`^after [0-9.]+ s: ${standby.name}: replica`))
  expect(await standby.queryInside('select pg_postmaster_start_time()')).not.toBe(before)

  const patch = JSON.stringify({ postgresql: { parameters: { work_mem: '7MB', max_connections: 61 } } })
  expect(await operationsOf(primary).plan('patroni-edit-config', { patch })).toEqual([
    'postgresql.parameters.max_connections: 60 -> 61',
    'postgresql.parameters.work_mem: (none) -> 7MB',
    'nothing speaks against it',
  ])
  const edited = await operationsOf(primary).run('patroni-edit-config', { patch })
  expect(edited.steps[0]).toBe('it is as it was asked for')
  expect(await primary.queryInside('show work_mem')).toBe('7MB')
  expect(edited.steps[1]).toContain('a restart is needed on')
  const tooSlow = { patch: JSON.stringify({ retry_timeout: 60 }) }
  await expect(operationsOf(primary).run('patroni-edit-config', tooSlow)).rejects.toMatchObject({
    message: expect.stringContaining('loop_wait + 2 * retry_timeout would be 121 s') as string,
  })
  expect((await operationsOf(standby).run('patroni-reload')).message).toContain('reload')
})
