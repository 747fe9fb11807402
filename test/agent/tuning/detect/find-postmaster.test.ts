import { expect, test } from 'vitest'
import { findPostmaster } from '../../../../agent/tuning/detect/find-postmaster.ts'
import type { ToldProcess } from '../../../../agent/tuning/detect/find-postmaster.ts'
import { postmastersOf, readProcesses } from '../../../../agent/tuning/detect/processes.ts'
import type { Tree } from '../../host/tree.ts'
import { filesOf, processTree } from './made-host.ts'

/** The machine started at 1,000,000 s, the server 500 s later. */
const boot: Tree = { 'proc/stat': 'cpu 1 2 3\nintr 1\nbtime 1000000\n' }
const server: Tree = {
  ...boot,
  ...processTree({ pid: 42, startTicks: 50_000 }),
  ...processTree({ pid: 45, parent: 42, startTicks: 50_001 }),
  ...processTree({ pid: 77, name: 'a (strange) name', parent: 1, startTicks: 10 }),
}
const told: ToldProcess = { childPid: 45, startedMs: 1_000_500_000, isThroughSocket: false }

async function found(tree: Tree, says: Partial<ToldProcess> = {}) {
  const files = filesOf(tree)
  return findPostmaster(files, await readProcesses(files, 4096), { ...told, ...says })
}

test('the parent of a process that the server names is its postmaster', async () => {
  expect(await found(server)).toEqual({ pid: 42, ownPid: 42 })
})

test('a server of another host that happens to have the same process ids is not here', async () => {
  expect(await found(server, { startedMs: 1_000_900_000 })).toBeUndefined()
})

test('a server that answers through a socket is here, whatever the clock was when it started', async () => {
  expect(await found(server, { startedMs: 0, isThroughSocket: true })).toEqual({ pid: 42, ownPid: 42 })
})

test('a process of that number that is something else is no server', async () => {
  expect(await found(server, { childPid: 77 })).toBeUndefined()
  expect(await found({ ...boot, ...processTree({ pid: 45, name: 'postgres', parent: 1 }) })).toBeUndefined()
})

test('a server in a container is found by what it calls its processes', async () => {
  const container: Tree = {
    ...boot,
    ...processTree({ pid: 4200, startTicks: 50_000, ids: [4200, 1] }),
    ...processTree({ pid: 4205, parent: 4200, startTicks: 50_001, ids: [4205, 27] }),
    // Another one that started long before.
    ...processTree({ pid: 900, startTicks: 100, ids: [900, 1] }),
    ...processTree({ pid: 905, parent: 900, startTicks: 101, ids: [905, 27] }),
  }
  expect(await found(container, { childPid: 27 })).toEqual({ pid: 4200, ownPid: 1 })
})

test('nothing is found where /proc shows nobody', async () => {
  expect(await found(boot)).toBeUndefined()
  expect(await found({})).toBeUndefined()
})

test('postmasters are those that no process of PostgreSQL has started', async () => {
  const processes = await readProcesses(filesOf(server), 4096)
  expect(postmastersOf(processes).map(({ pid }) => pid)).toEqual([42])
})
