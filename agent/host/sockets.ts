import type { SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'

/** tcp_states.h, from 1 on. */
const tcpStates = [
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
  'new_syn_recv',
] as const

/** State, bytes to send, bytes to be read. */
const socketLine = /^ *\d+: [\dA-F]+:[\dA-F]+ [\dA-F]+:[\dA-F]+ ([\dA-F]{2}) ([\dA-F]{1,8}):([\dA-F]{1,8}) /

interface SocketCount {
  add(line: string): void
  /** Sockets by state, from 1 on as the kernel counts them. */
  readonly states: Float64Array
  readonly queued: { tx: number; rx: number }
}

/** Counts the lines of /proc/net/{tcp,tcp6,udp,udp6}; what is no such line is left out. */
function createSocketCount(): SocketCount {
  const states = new Float64Array(tcpStates.length + 1)
  const queued = { tx: 0, rx: 0 }
  return {
    states,
    queued,
    add(line) {
      const found = socketLine.exec(line)
      if (found === null) return
      const state = parseInt(found[1]!, 16)
      if (state < states.length) states[state]! += 1
      queued.tx += parseInt(found[2]!, 16)
      queued.rx += parseInt(found[3]!, 16)
    },
  }
}

const tcpMetrics = ['node_tcp_connection_states']
const tcpLabelNames = ['state']
const tcpLabels = [...tcpStates.slice(0, -1), 'rx_queued_bytes', 'tx_queued_bytes'].map((state) => [state])

/** Connections by state; all states, because one that nobody is in any more is 0 and not unknown. */
function tcpTable({ states, queued }: SocketCount): SampleTable {
  const counts = [...states.slice(1, -1), queued.rx, queued.tx]
  // A request that has not become a connection yet has its own number since Linux 4.4, and is in SYN_RECV still.
  counts[2]! += states[tcpStates.length]!
  const rows = tcpLabels.map((labels, i) => ({ labels, values: [counts[i]] }))
  return { metrics: tcpMetrics, labelNames: tcpLabelNames, rows }
}

const udpMetrics = ['node_udp_queues']
const udpLabelNames = ['ip', 'queue']
const udpLabels = {
  v4: { tx: ['v4', 'tx'], rx: ['v4', 'rx'] },
  v6: { tx: ['v6', 'tx'], rx: ['v6', 'rx'] },
}

/** Bytes that wait in UDP sockets. */
function udpTable(counts: {
  readonly v4: SocketCount | undefined
  readonly v6: SocketCount | undefined
}): SampleTable {
  const rows = (['v4', 'v6'] as const).flatMap((ip) => {
    const count = counts[ip]
    if (count === undefined) return []
    return [
      { labels: udpLabels[ip].tx, values: [count.queued.tx] },
      { labels: udpLabels[ip].rx, values: [count.queued.rx] },
    ]
  })
  return { metrics: udpMetrics, labelNames: udpLabelNames, rows }
}

/** /proc/net/udp and udp6, or the one of them that there is. */
export function readUdpQueues(files: KernelFiles): readonly SampleTable[] {
  return [udpTable({ v4: countSockets(files, 'proc/net/udp'), v6: countSockets(files, 'proc/net/udp6') })]
}

function countSockets(files: KernelFiles, path: string): SocketCount | undefined {
  const text = files.readIfThere(path)
  if (text === undefined) return undefined
  const count = createSocketCount()
  for (const line of text.split('\n')) count.add(line)
  return count
}

/** /proc/net/tcp and tcp6, for which the kernel walks through all of its table of connections. */
export async function readTcpStates(
  files: KernelFiles,
  pause: () => Promise<void> | undefined,
): Promise<readonly SampleTable[]> {
  const count = createSocketCount()
  for (const path of ['proc/net/tcp', 'proc/net/tcp6']) {
    // Absent where IPv6 is off.
    if (path === 'proc/net/tcp6' && files.list('proc/net').indexOf('tcp6') < 0) continue
    for (const lines of files.lines(path)) {
      for (const line of lines) count.add(line)
      await pause()
    }
  }
  return [tcpTable(count)]
}
