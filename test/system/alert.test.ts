import { expect, test } from 'vitest'
import { startAlertmanager } from '../../testbed/alertmanager.ts'
import { findProgram } from '../../testbed/find-program.ts'
import { waitFor } from '../../testbed/wait.ts'
import { startHerd } from './herd.ts'

const isInstalled = findProgram('prometheus-alertmanager', 'alertmanager') !== undefined

test.skipIf(!isInstalled)(
  'a server that goes down is told to Alertmanager once, and again when it is back',
  async () => {
    await using alertmanager = await startAlertmanager()
    await using herd = await startHerd({
      collector: { 'alertmanager.urls': [alertmanager!.url] },
    })
    await waitFor(
      'the server is up in the store',
      async () => (await herd.instant('up{job="pgsql"}'))[0]?.value === 1,
    )

    // Others may follow, such as that it was started again: this Alertmanager inhibits nothing.
    const told = (): ReturnType<NonNullable<typeof alertmanager>['notified']> =>
      alertmanager!.notified().filter(({ labels }) => labels['alertname'] === 'PostgresDown')
    await herd.postgres.stop('fast')
    const stoppedAt = Date.now()
    const [fired] = await waitFor('the alert', () => (told().length > 0 ? told() : undefined), {
      timeoutMs: 30_000,
    })
    expect(Date.now() - stoppedAt).toBeLessThan(30_000)
    expect(fired).toMatchObject({
      status: 'firing',
      labels: { ins: 'pg-sys-1', cls: 'pg-sys', severity: 'CRIT' },
    })
    expect(fired!.annotations['summary']).toContain('PostgreSQL pg-sys-1 is down')

    await herd.postgres.start()
    const alerts = await waitFor('the resolved alert', () => (told().length > 1 ? told() : undefined), {
      timeoutMs: 30_000,
    })
    expect(alerts.map(({ status }) => status)).toEqual(['firing', 'resolved'])
  },
)
