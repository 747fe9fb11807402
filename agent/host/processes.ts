import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { namedTable, numberOf } from './table.ts'

const plain = [
  'node_processes_pids',
  'node_processes_threads',
  'node_processes_max_processes',
  'node_processes_max_threads',
]

/** State and number of threads: after the command, which is in parentheses and may hold anything (proc_pid_stat(5)). */
const statLine = /^\d+ \(.*\) (\S)(?: -?\d+){16} (\d+)/s

/**
 * Counts the processes of /proc and their threads by state. A process with one thread costs one file; only threads
 * beside the first are looked at themselves.
 * @param pause given the chance after each process to let other work go on
 */
export async function readProcesses(files: KernelFiles, pause: () => Promise<void> | undefined) {
  const states = new Map<string, number>()
  const threadStates = new Map<string, number>()
  const count = (of: Map<string, number>, state: string): void => void of.set(state, (of.get(state) ?? 0) + 1)
  let pids = 0
  let threads = 0
  for (const pid of files.list('proc')) {
    if (!/^\d+$/.test(pid)) continue
    const [, state, threadCount] = statLine.exec(files.value(`proc/${pid}/stat`) ?? '') ?? []
    // It has ended meanwhile.
    if (state === undefined) continue
    pids++
    count(states, state)
    const tasks = threadCount === '1' ? [pid] : files.list(`proc/${pid}/task`)
    for (const task of tasks) {
      const own =
        task === pid ? state : statLine.exec(files.value(`proc/${pid}/task/${task}/stat`) ?? '')?.[1]
      if (own === undefined) continue
      threads++
      count(threadStates, own)
    }
    await pause()
  }
  if (pids === 0) return []
  const limits = ['proc/sys/kernel/pid_max', 'proc/sys/kernel/threads-max']
  const tables: readonly SampleTable[] = [
    namedTable(plain, [pids, threads, ...limits.map((file) => numberOf(files.value(file)))]),
    { metrics: ['node_processes_state'], labelNames: ['state'], rows: rowsOf(states) },
    { metrics: ['node_processes_threads_state'], labelNames: ['thread_state'], rows: rowsOf(threadStates) },
  ]
  return tables
}

function rowsOf(states: ReadonlyMap<string, number>): readonly SampleRow[] {
  return [...states].map(([state, count]) => ({ labels: [state], values: [count] }))
}
