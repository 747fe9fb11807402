import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { orNothing } from '../../../common/or-nothing.ts'

/**
 * The least memory limit of this process' cgroup and of those above it, bytes; Infinity where there is none. Node's own looks only at the
 * cgroup itself. Source: cgroups(7), admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst of the kernel.
 * @param root - where /proc and /sys are
 */
export function cgroupMemoryLimit(root: string): number {
  const lines = (textOf(join(root, 'proc/self/cgroup')) ?? '').split('\n')
  const limits = lines.flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (path === undefined || controllers === undefined) return []
    // Above memory.high the kernel slows everything down, which is no better than the end of a server.
    if (controllers === '') return limitsOf(join(root, 'sys/fs/cgroup'), path, ['memory.max', 'memory.high'])
    if (!controllers.split(',').includes('memory')) return []
    return limitsOf(join(root, 'sys/fs/cgroup/memory'), path, ['memory.limit_in_bytes'])
  })
  return Math.min(Infinity, ...limits)
}

/** Those of a cgroup and of all above it. In a container its own is at the top, and the path of the host leads nowhere. */
function limitsOf(mount: string, path: string, files: readonly string[]): readonly number[] {
  const steps = path.split('/').filter((step) => step !== '')
  const limits: number[] = []
  for (let depth = steps.length; depth >= 0; depth--) {
    for (const file of files) {
      const text = textOf(join(mount, ...steps.slice(0, depth), file))?.trim()
      // No limit is "max", or as version 1 has it a number beyond every memory.
      if (text !== undefined && /^\d+$/.test(text)) limits.push(Number(text))
    }
  }
  return limits
}

function textOf(file: string): string | undefined {
  return orNothing(() => readFileSync(file, 'utf8'))
}
