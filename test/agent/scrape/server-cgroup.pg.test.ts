import { expect, test } from 'vitest'
import { createServerCgroup } from '../../../agent/scrape/server-cgroup.ts'
import { postmasterOf } from '../../../agent/host/parent-process.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { createMonitor, measureServer } from './measured-server.ts'

test('a server on this machine is measured with the control group that it runs in', async () => {
  await using server = await startPostgres()
  await createMonitor(server)
  await using agent = await measureServer(server)
  await agent.scrape()
  const samples = await agent.scrape()
  const [own] = await server.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'pgherd'`,
  )
  expect(postmasterOf(own!.pid)).toBe(server.pid)
  expect(Object.keys(samples).filter((key) => key.startsWith('pgherd_cgroup_info{'))).toHaveLength(1)
})

test('a server elsewhere has none here, whatever process has its number', async () => {
  await using server = await startPostgres()
  const [own] = await server.query<{ pid: number }>(
    `select pid from pg_stat_activity where backend_type = 'checkpointer'`,
  )
  expect(await createServerCgroup({ host: '192.0.2.1' }).measure(own!.pid)).toEqual([])
  // Locally, but no backend of PostgreSQL: a container's numbers mean other processes here.
  expect(await createServerCgroup({ host: '127.0.0.1' }).measure(process.pid)).toEqual([])
})
