import { expect, onTestFinished, test } from 'vitest'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { readProcesses } from '../../../agent/host/processes.ts'
import { readTcpStates } from '../../../agent/host/sockets.ts'
import { samples } from './samples.ts'
import { plant } from './tree.ts'
import type { Tree } from './tree.ts'

const nothing = (): undefined => undefined

function filesOf(tree: Tree): KernelFiles {
  const files = createKernelFiles(plant(tree), () => 0)
  onTestFinished(() => files[Symbol.dispose]())
  return files
}

/** A line of /proc/<pid>/stat. */
const stat = (pid: number, command: string, state: string, threads: number): string =>
  `${pid} (${command}) ${state} 1 ${pid} ${pid} 0 -1 4194304 100 0 0 0 5 6 0 0 20 0 ${threads} 0 4000 1000 200 18446744073709551615\n`

test('processes and threads are counted by state, whatever they are called', async () => {
  const files = filesOf({
    'proc/1/stat': stat(1, 'systemd', 'S', 1),
    'proc/20/stat': stat(20, 'odd ) R 1 2 (name', 'D', 1),
    'proc/21/stat': stat(21, 'two\nlines', 'Z', 1),
    'proc/300/stat': stat(300, 'threads', 'S', 3),
    'proc/300/task/300/stat': stat(300, 'threads', 'S', 3),
    'proc/300/task/301/stat': stat(301, 'threads', 'R', 3),
    // One of its threads has ended while it was looked at.
    'proc/300/task/302/comm': 'x\n',
    'proc/400/comm': 'has just ended\n',
    'proc/sys/kernel/pid_max': '32768\n',
    'proc/sys/kernel/threads-max': '1000\n',
  })
  expect(samples(await readProcesses(files, nothing))).toEqual({
    node_processes_pids: 4,
    node_processes_threads: 5,
    node_processes_max_processes: 32_768,
    node_processes_max_threads: 1000,
    'node_processes_state{S}': 2,
    'node_processes_state{D}': 1,
    'node_processes_state{Z}': 1,
    'node_processes_threads_state{S}': 2,
    'node_processes_threads_state{R}': 1,
    'node_processes_threads_state{D}': 1,
    'node_processes_threads_state{Z}': 1,
  })
})

test('other work gets its chance after each process', async () => {
  const files = filesOf(
    Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`proc/${i + 1}/stat`, stat(i + 1, 'x', 'S', 1)]),
    ),
  )
  let pauses = 0
  await readProcesses(files, () => {
    pauses++
    return Promise.resolve()
  })
  expect(pauses).toBe(50)
})

test('connections are counted by state, in as many pieces as the kernel gives them', async () => {
  const line = (i: number, state: string): string =>
    `${String(i).padStart(4)}: 0100007F:1538 00000000:0000 ${state} 00000002:00000003 00:00000000 00000000     0        0 1 1 ffff 100 0 0 10 0\n`
  const many = Array.from({ length: 2000 }, (_, i) => line(i, i % 2 === 0 ? '01' : '06')).join('')
  const files = filesOf({
    'proc/net/tcp': `  sl  local_address rem_address   st tx_queue rx_queue\n${many}`,
    'proc/net/tcp6': `heading\n${line(0, '0A')}${line(1, '0C')}${line(2, 'FF')}no connection\n`,
  })
  expect(samples(await readTcpStates(files, nothing))).toMatchObject({
    'node_tcp_connection_states{established}': 1000,
    'node_tcp_connection_states{time_wait}': 1000,
    'node_tcp_connection_states{listen}': 1,
    'node_tcp_connection_states{syn_recv}': 1,
    'node_tcp_connection_states{closing}': 0,
    'node_tcp_connection_states{tx_queued_bytes}': 4006,
    'node_tcp_connection_states{rx_queued_bytes}': 6009,
  })
})
