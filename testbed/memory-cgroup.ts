import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { childrenOf } from './process-table.ts'
import type { PostgresServer } from './postgres-server.ts'

const root = '/sys/fs/cgroup'
const isUnified = existsSync(`${root}/cgroup.controllers`)
const limitFile = isUnified ? 'memory.max' : 'memory.limit_in_bytes'

/** A control group with a limit of memory, of version 1 or 2 as this machine has it. It is removed when it is disposed, and has to be empty then. */
export interface MemoryCgroup extends Disposable {
  readonly directory: string
  /** Puts a server with all its processes into it; what they allocate from now on counts. */
  hold(server: PostgresServer): void
  limit(bytes: number): void
}

/** @returns undefined where this machine lets nobody make one */
export function makeMemoryCgroup(name: string, bytes: number): MemoryCgroup | undefined {
  const directory = isUnified ? `${root}/${name}` : `${root}/memory/${name}`
  if (process.getuid?.() !== 0) return undefined
  try {
    mkdirSync(directory)
  } catch {
    return undefined
  }
  // Of version 2 the controller has to be given to it from above.
  if (!existsSync(`${directory}/${limitFile}`)) {
    rmdirSync(directory)
    return undefined
  }
  const limit = (most: number): void => writeFileSync(`${directory}/${limitFile}`, String(most))
  limit(bytes)
  return {
    directory,
    limit,
    hold(server) {
      for (const pid of [server.pid, ...childrenOf(server.pid)]) {
        writeFileSync(`${directory}/cgroup.procs`, String(pid))
      }
    },
    [Symbol.dispose]: () => rmdirSync(directory),
  }
}
