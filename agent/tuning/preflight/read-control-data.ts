import { execFile } from 'node:child_process'
import type { RunningServer } from './running-server.ts'
import { primarySettingsIn } from './standby-limits.ts'

const limitMs = 5_000

/**
 * What a standby's pg_control has of its primary. Some packages come without pg_controldata; then nothing is known.
 * @param directory - the copy of it, which does not change meanwhile
 */
export function readControlData(
  program: string,
  directory: string,
  user: RunningServer['user'],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const run = { cwd: '/', timeout: limitMs, env: { LC_ALL: 'C' }, signal, ...(user ?? {}) }
  return new Promise((resolve) => {
    execFile(program, ['-D', directory], run, (error, stdout) => {
      resolve(error === null ? primarySettingsIn(stdout) : new Map())
    })
  })
}
