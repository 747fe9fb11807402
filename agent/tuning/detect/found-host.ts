import { join } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { readPageSize } from '../../../common/kernel/page-size.ts'
import { orNothing } from '../../../common/or-nothing.ts'
import { parseMeminfo } from '../parse-meminfo.ts'
import { containerSign } from './container.ts'
import { findPostmaster } from './find-postmaster.ts'
import { isVirtualMachine } from './is-virtual.ts'
import type { FoundLimit } from './limits.ts'
import { parseMountinfo } from './mount-table.ts'
import { lookAtPlace } from './place.ts'
import type { Place } from './place.ts'
import { readProcesses } from './processes.ts'
import { processorsOf } from './processors.ts'
import { serverMemory } from './server-memory.ts'
import type { ServerMemory } from './server-memory.ts'
import type { Told } from './told.ts'

/** The host of a server that runs where this agent does. */
export interface FoundHost {
  readonly pid: number
  /** The root directory of the server, below the root of the host's files, without slashes around it; empty where they are the same. */
  readonly base: string
  /** By what it runs in a container; undefined where it does not. */
  readonly container: string | undefined
  readonly isVirtual: boolean
  readonly memory: ServerMemory
  readonly processors: FoundLimit
  readonly data: Place | undefined
  readonly wal: Place | undefined
  readonly tablespaces: readonly (Place & { readonly name: string })[]
}

/**
 * Finds the postmaster on this host, and what the kernel says of it and of its directories.
 * @param root - where /proc and /sys lie
 * @returns half a sentence where the server is not here
 */
export async function findHost(
  files: KernelFiles,
  told: Told,
  options: { readonly root: string; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<FoundHost | string> {
  const processes = await readProcesses(files, readPageSize(join(options.root, 'proc/self/auxv')))
  const postmaster = findPostmaster(files, processes, told)
  if (postmaster === undefined) {
    return told.address === null
      ? "none of the processes that this agent sees is the server's"
      : `no process of this host is the server's, which answers from ${told.address}`
  }
  const { pid } = postmaster
  const totalBytes = parseMeminfo(files.value('proc/meminfo') ?? '').get('MemTotal')
  const processors = processorsOf(files, pid)
  if (totalBytes === undefined || processors === undefined)
    return 'the kernel does not say how much memory and how many processors there are'
  // Only root and the server's own user may look into its root directory; others see it as their own.
  const seen = `proc/${pid}/root`
  const base = files.list(seen).length > 0 ? seen : ''
  const isVirtual = isVirtualMachine(files)
  const mounts = readMounts(files, pid)
  const look = (path: string): Promise<Place | undefined> =>
    lookAtPlace(path, { files, mounts, isVirtual, base: join(options.root, base), ...options })
  const { dataDirectory } = told
  return {
    pid,
    base,
    container: containerSign(files, postmaster, { base, mounts }),
    isVirtual,
    memory: serverMemory(files, processes, pid, totalBytes),
    processors,
    data: dataDirectory === null ? undefined : await look(dataDirectory),
    wal: dataDirectory === null ? undefined : await look(`${dataDirectory}/pg_wal`),
    tablespaces: (
      await Promise.all(told.tablespaces.map(async ({ name, path }) => ({ name, place: await look(path) })))
    ).flatMap(({ name, place }) => (place === undefined ? [] : [{ ...place, name }])),
  }
}

/** As the server sees them. */
function readMounts(files: KernelFiles, pid: number) {
  const text = [`proc/${pid}/mountinfo`, 'proc/self/mountinfo']
    .map((path) => orNothing(() => files.read(path, 'utf8')))
    .find((found) => found !== undefined && found !== '')
  return parseMountinfo(text ?? '')
}
