import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Tells the service manager something, such as `READY=1` (sd_notify(3)); rejects when it could not be told, or at an abort. */
export type Notify = (assignments: readonly string[], signal?: AbortSignal) => Promise<void>

/** One message takes 7 ms; a program that takes so much longer hangs. */
const deadlineMs = 10_000

/**
 * Messages to the socket of systemd by its own `systemd-notify`, as Node has no datagrams of AF_UNIX
 * (docs/decisions/0038). It waits until systemd has read them, without which systemd may no longer find whose they are.
 * @param socket $NOTIFY_SOCKET
 * @param path where programs are looked for, $PATH
 */
export function createNotify(socket: string, path: string | undefined): Notify {
  return async (assignments, signal) => {
    const child = spawn('systemd-notify', assignments, {
      stdio: 'ignore',
      env: { NOTIFY_SOCKET: socket, ...(path === undefined ? {} : { PATH: path }) },
      timeout: deadlineMs,
      killSignal: 'SIGKILL',
      ...(signal === undefined ? {} : { signal }),
    })
    const ended: unknown[] = await once(child, 'exit')
    const [code, killedBy] = ended
    if (code !== 0) throw new Error(`systemd-notify ended with ${String(code ?? killedBy)}`)
  }
}
