import { setTimeout as sleep } from 'node:timers/promises'
import { createFleet } from './fleet.ts'
import { cpuSeconds, memoryMib } from './process-figures.ts'
import type { Memory } from './process-figures.ts'
import { send } from './send.ts'
import type { Sending } from './send.ts'
import type { Server } from './servers.ts'
import { samplesPerRequest } from './workloads.ts'
import type { Workload } from './workloads.ts'

/** What it cost one server to take the samples of a workload. */
export interface Load {
  readonly samples: number
  /** Of the process, from its start of the workload until it has settled. */
  readonly cpuSeconds: number
  /** Samples per CPU second in the first and in the last quarter: what compilers and caches still learn is in the first. */
  readonly quarters: { readonly first: number; readonly last: number }
  readonly wallSeconds: number
  /** Of each request, smallest first. */
  readonly requestMs: readonly number[]
  readonly memory: Memory
}

/** Until what a server does behind its answers is mostly done. */
const settleMs = 5_000
/** A multiple of four. */
const slices = 12

/**
 * Sends the workload to all servers, a slice of its time to one after the other, so that all of them meet what else
 * happens on the machine; while one is loaded, the others are idle.
 * @returns what it cost by name of the server, and the time of the last samples
 */
export async function loadAll(
  servers: readonly Server[],
  workload: Workload,
  options: { readonly compression: Sending['compression'] },
): Promise<{ readonly loads: ReadonlyMap<Server['name'], Load>; readonly lastMs: number }> {
  const { intervalMs, hours } = workload
  const lastMs = Math.floor(Date.now() / intervalMs) * intervalMs
  const steps = Math.round((hours * 3_600_000) / intervalMs)
  const firstMs = lastMs - (steps - 1) * intervalMs
  const runs = servers.map((server) => ({
    server,
    groups: createFleet(workload.series, samplesPerRequest),
    cpuBefore: cpuSeconds(server.pid),
    /** By slice, what it has cost until then. */
    cpuUntil: [] as number[],
    samples: 0,
    wallSeconds: 0,
    requestMs: [] as number[],
  }))
  for (let slice = 0; slice < slices; slice++) {
    const from = Math.round((steps * slice) / slices)
    const to = Math.round((steps * (slice + 1)) / slices) - 1
    for (const run of runs) {
      const sent = await send({
        url: run.server.url,
        groups: run.groups,
        fromMs: firstMs + from * intervalMs,
        toMs: firstMs + to * intervalMs,
        intervalMs,
        lanes: run.groups.length > 1 ? 2 : 1,
        compression: options.compression,
      })
      run.cpuUntil.push(cpuSeconds(run.server.pid) - run.cpuBefore)
      run.samples += sent.samples
      run.wallSeconds += sent.seconds
      run.requestMs.push(...sent.requestMs)
    }
  }
  await sleep(settleMs)
  const loads = new Map<Server['name'], Load>()
  for (const { server, cpuBefore, cpuUntil, samples, wallSeconds, requestMs } of runs) {
    const quarter = slices / 4
    const inLast = cpuUntil[slices - 1]! - cpuUntil[slices - quarter - 1]!
    loads.set(server.name, {
      samples,
      cpuSeconds: cpuSeconds(server.pid) - cpuBefore,
      quarters: { first: samples / 4 / cpuUntil[quarter - 1]!, last: samples / 4 / inLast },
      wallSeconds,
      requestMs: requestMs.sort((a, b) => a - b),
      memory: memoryMib(server.pid),
    })
  }
  return { loads, lastMs }
}
