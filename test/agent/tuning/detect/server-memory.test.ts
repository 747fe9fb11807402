import { expect, test } from 'vitest'
import { readProcesses } from '../../../../agent/tuning/detect/processes.ts'
import { serverMemory } from '../../../../agent/tuning/detect/server-memory.ts'
import type { Tree } from '../../host/tree.ts'
import { filesOf, gib, processTree } from './made-host.ts'

const page = 4096
const pages = (bytes: number): number => bytes / page

/** With 4 GB of shared memory of its own, all of it touched. */
const server: Tree = {
  ...processTree({ pid: 42, mapped: pages(4 * gib), resident: pages(4 * gib), shared: pages(4 * gib) }),
  ...processTree({
    pid: 45,
    parent: 42,
    mapped: pages(4 * gib),
    resident: pages(5 * gib),
    shared: pages(4 * gib),
  }),
}

async function memoryOf(tree: Tree) {
  const files = filesOf({ ...server, ...tree })
  return serverMemory(files, await readProcesses(files, page), 42, 64 * gib)
}

test('a server that has its host for itself may use all of it', async () => {
  expect(await memoryOf({})).toEqual({
    bytes: 64 * gib,
    from: '/proc/meminfo',
    otherProcessesBytes: 0,
    otherServers: 0,
    notes: [],
  })
})

test('what other programs have is left out from 15 % on', async () => {
  const other = (bytes: number): Tree =>
    processTree({ pid: 90, name: 'java', resident: pages(bytes + gib), shared: pages(gib) })
  expect(await memoryOf(other(9 * gib))).toMatchObject({ bytes: 64 * gib, otherProcessesBytes: 9 * gib })
  const { bytes, notes } = await memoryOf(other(16 * gib))
  expect(bytes).toBe(48 * gib)
  expect(notes).toEqual(["other programs have 16GB of the host's memory (25 %), which is left out"])
})

test('another server is taken to need four times its shared memory', async () => {
  const other = processTree({ pid: 100, mapped: pages(2 * gib), resident: pages(gib), shared: pages(gib) })
  const { bytes, otherServers, notes, otherProcessesBytes } = await memoryOf(other)
  expect({ bytes, otherServers }).toEqual({ bytes: 56 * gib, otherServers: 1 })
  expect(notes[0]).toContain('another PostgreSQL server runs on this host, with 2GB mapped')
  // What it has touched of it, once.
  expect(otherProcessesBytes).toBe(gib)
})

test('but no server gets less than an equal part for it', async () => {
  const others = {
    ...processTree({ pid: 100, mapped: pages(30 * gib) }),
    ...processTree({ pid: 200, mapped: pages(30 * gib) }),
  }
  const { bytes } = await memoryOf(others)
  expect(bytes).toBe(Math.floor((64 * gib) / 3))
})

test('a limit of its cgroup that is less than all of that is what it has', async () => {
  const { bytes, from, notes } = await memoryOf({
    'proc/42/cgroup': '0::/pg\n',
    'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    'sys/fs/cgroup/pg/memory.max': `${8 * gib}\n`,
  })
  expect({ bytes, from }).toEqual({ bytes: 8 * gib, from: '/sys/fs/cgroup/pg/memory.max' })
  expect(notes).toEqual(["its cgroup leaves it 8GB of the host's 64GB (/sys/fs/cgroup/pg/memory.max)"])
})
