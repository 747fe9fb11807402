import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseMeminfo } from '../parse-meminfo.ts'
import type { HostMemory } from './memory-checks.ts'

/**
 * From /proc/meminfo (proc_meminfo(5)) and vm.overcommit_memory.
 * @param root - where /proc lies
 * @throws system errors
 */
export async function readHostMemory(root = '/'): Promise<HostMemory> {
  const text = await readFile(join(root, 'proc/meminfo'), 'utf8')
  const mode = await readFile(join(root, 'proc/sys/vm/overcommit_memory'), 'utf8')
  const found = parseMeminfo(text)
  const of = (name: string): number => found.get(name) ?? 0
  return {
    availableBytes: of('MemAvailable'),
    commitLimitBytes: of('CommitLimit'),
    committedBytes: of('Committed_AS'),
    isStrict: mode.trim() === '2',
    // What is reserved is free in name only.
    freeHugePages: Math.max(0, of('HugePages_Free') - of('HugePages_Rsvd')),
    usedHugePages: of('HugePages_Total') - of('HugePages_Free') + of('HugePages_Rsvd'),
    hugePageBytes: found.get('Hugepagesize') ?? 2 * 1024 ** 2,
  }
}
