import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'

/** systemd as far as the start of the agent needs it. */
export interface ServiceHost {
  /** Its version; undefined where it does not run this host. */
  readonly systemd: number | undefined
  /** Runs systemctl. Never rejects. */
  systemctl(...args: readonly string[]): Promise<{ readonly status: number; readonly output: string }>
}

export const unit = 'pgherd-agent.service'
/** Since this one LoadCredential= finds files in /etc/credstore: systemd.exec(5). */
export const credstoreSince = 251
const timeoutMs = 120_000

export async function readServiceHost(): Promise<ServiceHost> {
  const systemctl: ServiceHost['systemctl'] = (...args) =>
    new Promise((resolve) => {
      execFile('systemctl', args, { timeout: timeoutMs }, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
        resolve({ status, output: `${stdout}${stderr}`.trim() })
      })
    })
  // sd_booted(3).
  if (!existsSync('/run/systemd/system')) return { systemd: undefined, systemctl }
  const { output } = await systemctl('--version')
  return { systemd: Number(/^systemd (\d+)/.exec(output)?.[1] ?? 0), systemctl }
}
