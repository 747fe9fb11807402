/** The text of /proc/meminfo by its names (proc_meminfo(5)): bytes, and counts where the kernel tells no unit. */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [, name = '', count, unit] of text.matchAll(/^([\w()]+):\s+(\d+)( kB)?$/gm)) {
    found.set(name, Number(count) * (unit === undefined ? 1 : 1024))
  }
  return found
}
