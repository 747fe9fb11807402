import { readFile } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import type { LoadReadings } from '../runs/held-back.ts'
import type { AskServer } from './ask-server.ts'

const active = `
select count(*)
  from pg_stat_activity
 where state = 'active'
   and backend_type = 'client backend'
   and pid <> pg_backend_pid()`

/** What host and server are busy with now; what cannot be read is null, and holds nothing back. */
export async function loadReadings(
  ask: AskServer,
  health: InstanceHealth | undefined,
): Promise<LoadReadings> {
  return {
    loadPerCpu: (loadavg()[0] ?? 0) / availableParallelism(),
    activeSessions: await ask(active).then(
      ([row]) => Number(row?.[0] ?? 0),
      () => null,
    ),
    lagBytes: health?.role === 'standby' ? health.replayLagBytes : null,
    ioPressurePercent: await readFile('/proc/pressure/io', 'utf8').then(ioPressure, () => null),
  }
}

/** Of `some avg10=0.00 avg60=1.23 ...`. */
export function ioPressure(text: string): number | null {
  const [, average] = /^some .*\bavg60=([\d.]+)/m.exec(text) ?? []
  return average === undefined ? null : Number(average)
}
