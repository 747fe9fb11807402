import { fileURLToPath } from 'node:url'

/**
 * What programs need and nothing that would change their behaviour: no PG* variables, no NODE_OPTIONS, none
 * of the variables that configure pgherd.
 */
export function childEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {
    LC_ALL: 'C',
    TZ: 'UTC',
    // As under systemd: without it every start strips and compiles all sources again, and keeps that memory.
    NODE_COMPILE_CACHE: fileURLToPath(new URL('../.cache/compile', import.meta.url)),
  }
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE']) {
    const value = process.env[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}
