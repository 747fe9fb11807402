import { z } from 'zod'
import { waitFor } from '../../../testbed/wait.ts'
import type { BackupHerd } from './backup-herd.ts'

const alerts = z.object({
  data: z.object({
    alerts: z.array(
      z.object({
        state: z.enum(['pending', 'firing']),
        activeAt: z.string(),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()),
      }),
    ),
  }),
})
export type Alert = z.infer<typeof alerts>['data']['alerts'][number]

/** What the collector's rules have found now, also what is pending. */
export async function alertsOf({ fleet }: BackupHerd): Promise<readonly Alert[]> {
  const answer = await fetch(`${fleet.collector.url}/api/v1/alerts`)
  return alerts.parse(await answer.json()).data.alerts
}

/** Waits until an alert fires. Rules of backups are looked at each minute. */
export function untilAlert(herd: BackupHerd, name: string, timeoutMs = 150_000): Promise<Alert> {
  return waitFor(
    `${name} fires`,
    async () =>
      (await alertsOf(herd)).find(({ labels, state }) => labels['alertname'] === name && state === 'firing'),
    { timeoutMs, intervalMs: 500 },
  )
}
