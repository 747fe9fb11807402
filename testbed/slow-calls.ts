import { readFileSync } from 'node:fs'
import { findProgram } from './find-program.ts'
import { childrenOf, isAlive } from './process-table.ts'
import { startChild } from './process.ts'
import type { Child } from './process.ts'
import type { PostgresServer } from './postgres-server.ts'

/** Whether `slowCalls` can work here: strace may look into processes of other users, as root or as who started them. */
export const canSlowCalls = findProgram('strace') !== undefined && process.getuid?.() === 0

/**
 * Makes a disk slow: each of these system calls of the server, of its sessions too, takes so much longer, until this is disposed.
 * @param calls - such as `fsync`
 * @param only - one of its processes, as if it had a disk of its own
 * @throws Error when the processes cannot be traced
 */
export async function slowCalls(
  server: PostgresServer,
  calls: readonly string[],
  milliseconds: number,
  only?: number,
): Promise<AsyncDisposable> {
  const processes = only === undefined ? [server.pid, ...childrenOf(server.pid)] : [only]
  const tracer: Child = await startChild({
    name: 'strace',
    command: findProgram('strace') ?? 'strace',
    args: [
      '-f',
      ...['-e', `trace=${calls.join(',')}`],
      ...['-e', `inject=${calls.join(',')}:delay_enter=${milliseconds * 1000}`],
      ...['-o', '/dev/null'],
      ...processes.flatMap((pid) => ['-p', String(pid)]),
    ],
    logFile: server.logFile,
    quickSignal: 'SIGTERM',
  })
  await tracer.waitFor('it traces the server', () => processes.every((pid) => !isAlive(pid) || isTraced(pid)))
  return tracer
}

/** Source: proc(5), `TracerPid` of /proc/PID/status. */
function isTraced(pid: number): boolean {
  return !/^TracerPid:\t0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}
