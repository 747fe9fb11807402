import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Of the kernel's counts in vmstat; larger pages are counted in these. */
const pageBytes = 4_096

/**
 * How long tasks of this host have waited for memory since its start (PSI), and what was written to swap. What this kernel does not count
 * is left out. Source: Documentation/accounting/psi.rst, proc_vmstat(5).
 * @param root - where /proc lies
 */
export async function readMemoryPressure(root = '/'): Promise<Readonly<Record<string, number>>> {
  const pressure = await textOf(join(root, 'proc/pressure/memory'))
  const events = await textOf(join(root, 'proc/vmstat'))
  const waited = /^some .*\btotal=(\d+)/m.exec(pressure)?.[1]
  const pages = /^pswpout (\d+)$/m.exec(events)?.[1]
  return {
    ...(waited === undefined ? {} : { memoryWaitMs: Number(waited) / 1000 }),
    ...(pages === undefined ? {} : { swapOutBytes: Number(pages) * pageBytes }),
  }
}

/** Without it nothing is known, which PSI that is switched off at boot says by an error of its own. */
const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
