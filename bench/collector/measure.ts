import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { askAll } from './ask.ts'
import type { Asked } from './ask.ts'
import { bytesUnder } from './disk.ts'
import { loadAll } from './load.ts'
import type { Load } from './load.ts'
import type { BenchOptions } from './options.ts'
import { memoryMib } from './process-figures.ts'
import type { Memory } from './process-figures.ts'
import { startServer } from './servers.ts'
import type { Server } from './servers.ts'
import type { Workload } from './workloads.ts'

/** What one workload costs every server. */
export interface Measured {
  readonly workload: Workload
  readonly loads: ReadonlyMap<Server['name'], Load>
  /** CPU seconds of bringing the samples into their final form after the load, where the server can be asked to. */
  readonly compactSeconds: ReadonlyMap<Server['name'], number>
  readonly asked: readonly Asked[]
  /** Empty when only queries were measured. */
  readonly bytesPerSample: ReadonlyMap<Server['name'], number>
  /** After a restart and all queries. */
  readonly askedMemory: ReadonlyMap<Server['name'], Memory>
}

export const serverNames = ['pgherd', 'VictoriaMetrics', 'Prometheus'] as const

/** How often each query is asked in a short run, and how often again. */
export const fewTimes = 30

/** Loads all servers, brings what is over into its final form, asks them, and looks at what lies on disk. */
export async function measure(
  workload: Workload,
  directory: string,
  options: BenchOptions,
): Promise<Measured> {
  await using stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const servers: Server[] = []
  const names = serverNames.filter((name) => !options.queries || name !== 'Prometheus')
  for (const name of names) servers.push(stack.use(await startServer(name, join(directory, name))))
  const { loads, lastMs } = await loadAll(servers, workload, {
    compression: options.compression,
  })
  const compactSeconds = new Map<Server['name'], number>()
  const compact = async (server: Server, what: 'over' | 'all'): Promise<void> => {
    const seconds = await server.compact(what)
    compactSeconds.set(server.name, (compactSeconds.get(server.name) ?? 0) + seconds)
  }
  for (const server of servers) {
    await compact(server, 'over')
    await server.restart()
  }
  const asked: Asked[] = []
  for (const query of workload.queries) {
    asked.push(await askAll(servers, query, lastMs, options.quick || options.queries ? fewTimes : 100))
  }
  const askedMemory = new Map(servers.map(({ name, pid }) => [name, memoryMib(pid)]))
  const bytesPerSample = new Map<Server['name'], number>()
  for (const server of options.queries ? [] : servers) {
    await compact(server, 'all')
    const bytes = server.dataDirectories.reduce((sum, one) => sum + bytesUnder(one), 0)
    bytesPerSample.set(server.name, bytes / loads.get(server.name)!.samples)
  }
  return { workload, loads, compactSeconds, asked, bytesPerSample, askedMemory }
}
