import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { printAbout, printShare } from '../../../common/tuning/print-size.ts'
import { memoryLimit } from './memory-limit.ts'
import { postmastersOf } from './processes.ts'
import type { ProcessSeen } from './processes.ts'

/** What a server may use of its host's memory. */
export interface ServerMemory {
  readonly bytes: number
  /** Where that is from. */
  readonly from: string
  readonly otherProcessesBytes: number
  readonly otherServers: number
  /** Sentences for a person. */
  readonly notes: readonly string[]
}

/** Judgement: what other programs have is only counted where it is more than this share of the memory. */
const othersShare = 0.15
/** The inverse of the baseline's quarter: a server that has so much of shared memory was meant for four times that. */
const memoryOfShared = 4

/**
 * The least of the host's memory, without what others on it have, and of the limits of the postmaster's cgroups.
 * Other programs count where they have more than 15 % of the memory. Another server is taken to need four times what it has mapped, as a
 * baseline would have it; no server gets less than an equal part for it.
 */
export function serverMemory(
  files: KernelFiles,
  processes: ReadonlyMap<number, ProcessSeen>,
  pid: number,
  totalBytes: number,
): ServerMemory {
  const rest = [...processes.values()].filter((one) => one.pid !== pid && one.parent !== pid)
  const servers = postmastersOf(processes).filter((one) => one.pid !== pid)
  const ofServers = new Set(servers.map((one) => one.pid))
  const others = rest.filter((one) => !ofServers.has(one.pid) && !ofServers.has(one.parent))
  const othersBytes = sum(others.map(({ ownBytes }) => ownBytes))
  const usedByServers = sum(servers.map((server) => bytesOf(server, rest)))
  const limit = memoryLimit(files, pid)
  const notes: string[] = []
  let bytes = totalBytes
  let from = '/proc/meminfo'
  if (othersBytes > othersShare * totalBytes) {
    bytes -= othersBytes
    from += ', without what other programs have'
    notes.push(
      `other programs have ${printAbout(othersBytes)} of the host's memory (${printShare(othersBytes / totalBytes)}), which is left out`,
    )
  }
  if (servers.length > 0) {
    const wanted = sum(servers.map(({ mappedBytes }) => mappedBytes * memoryOfShared))
    bytes = Math.max(bytes / (servers.length + 1), bytes - wanted)
    from += ', without what other servers need'
    notes.push(
      `${servers.length === 1 ? 'another PostgreSQL server runs' : `${servers.length} other PostgreSQL servers run`} on this host, with ${printAbout(sum(servers.map(({ mappedBytes }) => mappedBytes)))} mapped: ${printAbout(bytes)} of ${printAbout(totalBytes)} are counted for this one. Say its memory where that is wrong`,
    )
  }
  if (limit !== undefined && limit.value < bytes) {
    bytes = limit.value
    from = limit.from
    notes.push(
      `its cgroup leaves it ${printAbout(limit.value)} of the host's ${printAbout(totalBytes)} (${limit.from})`,
    )
  }
  return {
    bytes: Math.floor(bytes),
    from,
    otherProcessesBytes: othersBytes + usedByServers,
    otherServers: servers.length,
    notes,
  }
}

/** A server's own memory, and its shared one once. */
function bytesOf(server: ProcessSeen, all: readonly ProcessSeen[]): number {
  const family = all.filter((one) => one.pid === server.pid || one.parent === server.pid)
  return (
    sum(family.map(({ ownBytes }) => ownBytes)) + Math.max(0, ...family.map(({ sharedBytes }) => sharedBytes))
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
