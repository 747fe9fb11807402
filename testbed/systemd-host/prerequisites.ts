import { existsSync } from 'node:fs'
import { findProgram } from '../find-program.ts'

const programs = ['unshare', 'nsenter', 'setpriv', 'mount', 'ip', 'curl', 'systemctl', 'journalctl']
export const systemdProgram = '/lib/systemd/systemd'
export const postgresBin = '/usr/lib/postgresql/15/bin'

/** @throws Error with everything that keeps this machine from booting a systemd: a drill that needs one fails, it does not pass */
export function requireSystemdHost(): void {
  const obstacles = programs
    .filter((name) => findProgram(name) === undefined)
    .map((name) => `${name} is not installed`)
  for (const file of [systemdProgram, `${postgresBin}/postgres`, `${postgresBin}/initdb`]) {
    if (!existsSync(file)) obstacles.push(`${file} is missing`)
  }
  if (process.getuid?.() !== 0) obstacles.push('namespaces and control groups need root')
  if (obstacles.length > 0) throw new Error(`no systemd on this machine: ${obstacles.join('; ')}`)
}
