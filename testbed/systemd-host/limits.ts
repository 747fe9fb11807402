import { existsSync } from 'node:fs'
import type { Service } from './service.ts'
import type { SystemdHost } from './systemd-host.ts'

const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers')

/** What the kernel enforces upon the processes of a service, from its control group (version 1 or 2). */
export interface Limits {
  /** Processors' time per time, 0.5 for half of one. */
  readonly processors: number
  readonly memoryBytes: number
  readonly tasks: number
}

/** @throws Error while the service has no process */
export async function limitsOf(host: SystemdHost, service: Service): Promise<Limits> {
  const read = readerOf(host, service)
  const [quota = '', period = ''] = isUnified
    ? (await read('', 'cpu.max')).split(' ')
    : [await read('cpu', 'cpu.cfs_quota_us'), await read('cpu', 'cpu.cfs_period_us')]
  return {
    processors: Number(quota) / Number(period),
    memoryBytes: Number(await read('memory', isUnified ? 'memory.max' : 'memory.limit_in_bytes')),
    tasks: Number(await read('pids', 'pids.max')),
  }
}

/** Seconds that the main process of a service has computed so far. @throws Error while it has none */
export async function computedSeconds(host: SystemdHost, service: Service): Promise<number> {
  const stat = await host.mustRun('cat', [`/proc/${await service.mainPid()}/stat`])
  // utime and stime of proc(5), in hundredths of a second; the name before them may have spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function readerOf(
  host: SystemdHost,
  service: Service,
): (controller: string, file: string) => Promise<string> {
  return async (controller, file) => {
    const group = await service.property('ControlGroup')
    const hierarchy = isUnified ? '' : `/${controller}`
    return (await host.mustRun('cat', [`/sys/fs/cgroup${hierarchy}${group}/${file}`])).trimEnd()
  }
}
