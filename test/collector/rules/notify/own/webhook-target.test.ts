import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import type { Notification } from '../../../../../collector/rules/notify/own/notification.ts'
import { webhookPayload } from '../../../../../collector/rules/notify/own/webhook-payload.ts'
import { createWebhookTarget } from '../../../../../collector/rules/notify/own/webhook-target.ts'
import { startAlertmanager } from '../../../../../testbed/alertmanager.ts'
import { findProgram } from '../../../../../testbed/find-program.ts'
import { createManualClock } from '../../../../manual-clock.ts'
import { startFakeAlertmanager } from '../fake-alertmanager.ts'

const isInstalled = findProgram('prometheus-alertmanager', 'alertmanager') !== undefined

const startsAtMs = Math.floor(Date.now() / 1000) * 1000 - 60_000
const notification: Notification = {
  groupKey: '{}:{alertname="PostgresDown", cls="pg \\"ü\\""}',
  groupLabels: { alertname: 'PostgresDown', cls: 'pg "ü"' },
  alerts: ['pg-main-1', 'pg-main-2'].map((ins) => ({
    labels: { alertname: 'PostgresDown', cls: 'pg "ü"', ins },
    annotations: { summary: `${ins} is down`, runbook_url: 'https://docs.example/postgresdown' },
    startsAtMs,
    endedAtMs: undefined,
    generatorUrl: 'http://pgherd.example/?expr=up',
  })),
}

const body = z.looseObject({ alerts: z.array(z.looseObject({ labels: z.record(z.string(), z.string()) })) })

test.skipIf(!isInstalled)(
  'the body is the one that a real Alertmanager posts for the same alerts, down to the fingerprints',
  { timeout: 30_000 },
  async () => {
    await using alertmanager = await startAlertmanager({
      config: (url) =>
        JSON.stringify({
          route: { receiver: 'pgherd', group_by: ['alertname', 'cls'], group_wait: '1s' },
          receivers: [{ name: 'pgherd', webhook_configs: [{ url }] }],
        }),
    })
    const alerts = notification.alerts.map((alert) => ({
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: new Date(startsAtMs).toISOString(),
      endsAt: new Date(startsAtMs + 600_000).toISOString(),
      generatorURL: alert.generatorUrl,
    }))
    const answer = await fetch(`${alertmanager!.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    })
    expect(answer.status).toBe(200)
    await vi.waitFor(() => expect(alertmanager!.bodies).toHaveLength(1), { timeout: 10_000 })
    const posted = body.parse(alertmanager!.bodies[0])
    const own = body.parse(
      JSON.parse(
        webhookPayload(notification, { receiver: 'pgherd', externalUrl: String(posted['externalURL']) }),
      ),
    )
    const byInstance = (one: z.infer<typeof body>) => ({
      ...one,
      alerts: one.alerts
        .map((alert) => ({ ...alert, startsAt: Date.parse(String(alert['startsAt'])) }))
        .sort((a, b) => ((a.labels['ins'] ?? '') < (b.labels['ins'] ?? '') ? -1 : 1)),
    })
    expect(byInstance(own)).toEqual(byInstance(posted))
  },
)

test('one alert that ended and one that goes on make a message that fires', () => {
  const [one, two] = notification.alerts
  const alerts = [one!, { ...two!, endedAtMs: startsAtMs + 1_000 }]
  const about = { receiver: 'pgherd', externalUrl: '' }
  const read = (given: Notification) => JSON.parse(webhookPayload(given, about)) as Record<string, unknown>
  expect(read({ ...notification, alerts })).toMatchObject({
    status: 'firing',
    commonLabels: { alertname: 'PostgresDown', cls: 'pg "ü"' },
    commonAnnotations: { runbook_url: 'https://docs.example/postgresdown' },
    alerts: [
      { status: 'firing', endsAt: '0001-01-01T00:00:00Z' },
      { status: 'resolved', endsAt: new Date(startsAtMs + 1_000).toISOString() },
    ],
  })
  expect(read({ ...notification, alerts: alerts.slice(1) })).toMatchObject({ status: 'resolved' })
})

const signal = new AbortController().signal
const options = { externalUrl: '', clock: createManualClock() }

test('any status but 2xx is a failure, with the time that the other side asks for', async () => {
  let answer: { status: number; headers?: Record<string, string> } = { status: 404 }
  const { url } = await startFakeAlertmanager(() => answer)
  await using target = createWebhookTarget({ url: `${url}/services/T0/B0/secret` }, options)
  await expect(target.send(notification, signal)).rejects.toMatchObject({
    message: `${url} answered with status 404`,
  })
  answer = { status: 429, headers: { 'retry-after': '7' } }
  await expect(target.send(notification, signal)).rejects.toMatchObject({ details: { retryAfterMs: 7000 } })
  answer = { status: 204 }
  await target.send(notification, signal)
})

test('path and token, which are secrets, are in no name and no error; the token comes from its file', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-webhook-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const bearerTokenFile = join(directory, 'token')
  writeFileSync(bearerTokenFile, 'the-token\n')
  const { url, received } = await startFakeAlertmanager(() => ({ status: 200 }))
  await using target = createWebhookTarget({ url: `${url}/services/secret`, bearerTokenFile }, options)
  await target.send(notification, signal)
  expect(received[0]).toMatchObject({
    path: '/services/secret',
    headers: { authorization: 'Bearer the-token', 'content-type': 'application/json' },
  })
  await using away = createWebhookTarget({ url: 'http://127.0.0.1:1/services/secret' }, options)
  const failure = await away.send(notification, signal).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'UNREACHABLE' })
  expect(`${target.name} ${target.key} ${String(failure)}`).not.toMatch(/secret|the-token/)
})
