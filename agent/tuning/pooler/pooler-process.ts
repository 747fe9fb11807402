import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import { orNothing } from '../../../common/or-nothing.ts'
import type { ConsoleRow } from '../../postgres/pooler-console.ts'
import type { PoolerProcess } from './pooler-seen.ts'

/** USER_HZ of Linux, in which /proc tells times (proc_pid_stat(5)). */
const ticksPerSecond = 100

/**
 * The process of a pooler, by its pidfile.
 * @returns undefined where it has none, or is not on this host
 */
export function openPoolerProcess(
  config: readonly ConsoleRow[],
  clock: Clock,
  root: string,
): { read(): PoolerProcess } | undefined {
  const pidFile = config.find((row) => row.get('key') === 'pidfile')?.get('value') ?? ''
  if (pidFile === '') return undefined
  const pid = Number(orNothing(() => readFileSync(pidFile, 'utf8').trim()))
  const directory = join(root, 'proc', String(pid))
  if (!Number.isInteger(pid) || pid < 2 || nameOf(directory) !== 'pgbouncer') return undefined
  const from = { ticks: ticksOf(directory), atMs: clock.monotonic() }
  return {
    read() {
      const [ticks, seconds] = [ticksOf(directory), (clock.monotonic() - from.atMs) / 1000]
      const used =
        ticks === undefined || from.ticks === undefined ? undefined : (ticks - from.ticks) / ticksPerSecond
      return {
        busyShare: used === undefined || seconds <= 0 ? null : used / seconds,
        openFileLimit: fileLimitOf(directory),
      }
    },
  }
}

function nameOf(directory: string): string | undefined {
  return orNothing(() => readFileSync(join(directory, 'comm'), 'utf8').trim())
}

/** utime and stime, the 14th and 15th field; the name before them may have blanks and ends with a bracket. */
function ticksOf(directory: string): number | undefined {
  const text = orNothing(() => readFileSync(join(directory, 'stat'), 'utf8'))
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields === undefined ? undefined : Number(fields[11]) + Number(fields[12])
}

function fileLimitOf(directory: string): number | null {
  const text = orNothing(() => readFileSync(join(directory, 'limits'), 'utf8')) ?? ''
  const [, soft] = /^Max open files\s+(\d+)/m.exec(text) ?? []
  return soft === undefined ? null : Number(soft)
}
