import { existsSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { isAlive } from '../../../testbed/process-table.ts'
import { startChild } from '../../../testbed/process.ts'
import { waitFor } from '../../../testbed/wait.ts'

const cluster = new URL('../../../testbed/ha/cluster.ts', import.meta.url).href

test('kill -9 of who started a cluster leaves no process, no link and no directory of it', async () => {
  const linksBefore = Object.keys(networkInterfaces())
  using own = createOwnDirectory({ prefix: 'pgherd-ha-owner-' })
  const logFile = join(own.path, 'log')
  const owner = await startChild({
    name: 'the owner',
    command: process.execPath,
    args: [
      '--input-type=module',
      '--eval',
      `import { startHaCluster } from '${cluster}'
       const { members, directory } = await startHaCluster()
       const pids = members.flatMap((member) => member.host.processes().map(({ pid }) => pid))
       console.log(JSON.stringify({ pids, directory }))
       setInterval(() => {}, 1000)`,
    ],
    logFile,
  })
  await owner.waitFor('the cluster is up', () => readFileSync(logFile, 'utf8').includes('}\n'), 60_000)
  const { pids, directory } = JSON.parse(readFileSync(logFile, 'utf8')) as {
    pids: number[]
    directory: string
  }
  // Three times etcd, Patroni, pgBouncer, and the servers with their processes.
  expect(pids.length).toBeGreaterThan(20)
  await owner.stop('SIGKILL')
  await waitFor('every process to end', () => !pids.some(isAlive))
  await waitFor('the directory to be gone', () => !existsSync(directory))
  // Links of a cluster before this one may go meanwhile.
  await waitFor('the link to be gone', () =>
    Object.keys(networkInterfaces()).every((link) => linksBefore.includes(link)),
  )
})
