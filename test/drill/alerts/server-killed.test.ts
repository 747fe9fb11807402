import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { startAlertmanager } from '../../../testbed/alertmanager.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startWebhook } from '../../../testbed/webhook.ts'
import { selfSigned } from '../../../testbed/backup/s3/certificate.ts'
import { cluster, startSmallHerd } from './small-herd.ts'
import type { SmallHerd } from './small-herd.ts'

const told = z.object({
  status: z.enum(['firing', 'resolved']),
  alerts: z.array(z.object({ status: z.string(), labels: z.record(z.string(), z.string()) })),
})

/** Of the cluster: what was told, one line for each message. */
function messages(bodies: readonly unknown[]): readonly string[] {
  return bodies
    .map((body) => told.parse(body))
    .filter(({ alerts }) => alerts.some(({ labels }) => labels['cls'] === cluster))
    .map(
      ({ status, alerts }) => `${status} ${alerts.map(({ labels }) => labels['alertname'] ?? '').join(' ')}`,
    )
}

/**
 * Kills the primary and starts it again, with one look at each stage.
 * @returns seconds since the kill, and since the start
 */
async function killAndStart(herd: SmallHerd, bodies: readonly unknown[]) {
  const within = { timeoutMs: 60_000, intervalMs: 50 }
  await herd.primary.kill()
  const killedMs = performance.now()
  const since = (): number => Math.round((performance.now() - killedMs) / 100) / 10
  await waitFor('the agent has seen that it is down', async () => (await herd.isUp()) === false, within)
  const detected = since()
  await waitFor(
    'the alert is pending',
    async () => (await herd.stateOf('PostgresDown')) !== undefined,
    within,
  )
  const pending = since()
  await waitFor('the alert fires', async () => (await herd.stateOf('PostgresDown')) === 'firing', within)
  const firing = since()
  await waitFor('somebody is told', () => messages(bodies).length > 0, within)
  const notification = since()
  const siblings = await waitFor(
    'other alerts of the same cause fire',
    async () => {
      const others = (await herd.firing()).filter((name) => name !== 'PostgresDown')
      return others.length > 0 ? others : undefined
    },
    { timeoutMs: 180_000, intervalMs: 200 },
  )
  // Longer than anything waits before it is told.
  const atLeast = performance.now() + 60_000
  await waitFor('they would have been told', () => performance.now() > atLeast, {
    timeoutMs: 90_000,
    intervalMs: 500,
  })
  expect(messages(bodies), `while ${siblings.join(', ')} fire as well`).toEqual(['firing PostgresDown'])

  await herd.primary.start()
  const startedMs = performance.now()
  await waitFor('somebody is told that it is over', () => messages(bodies).length > 1, within)
  const resolve = Math.round((performance.now() - startedMs) / 100) / 10
  expect(messages(bodies)).toEqual(['firing PostgresDown', 'resolved PostgresDown'])
  return { detected, pending, firing, notification, siblings, resolve }
}

function report(way: string, times: Awaited<ReturnType<typeof killAndStart>>): void {
  const { siblings, ...seconds } = times
  const text = Object.entries(seconds).map(([stage, value]) => `${stage} ${value} s`)
  console.info(`${way}: ${text.join(', ')}; silent meanwhile: ${siblings.join(', ')}`)
}

/** The configuration that comes with pgherd, with all receivers led to one place. */
function ownRouting(webhookUrl: string): string {
  const given = parse(readFileSync('rules/alertmanager.yml', 'utf8')) as { receivers: { name: string }[] }
  const receivers = given.receivers.map(({ name }) => ({
    name,
    webhook_configs: [{ url: webhookUrl, send_resolved: true }],
  }))
  return stringify({ ...given, receivers })
}

test.skipIf(findProgram('prometheus-alertmanager', 'alertmanager') === undefined)(
  'a real Alertmanager with our routing tells once within 30 s that a server was killed, and that it is back',
  async () => {
    await using alertmanager = await startAlertmanager({ config: ownRouting })
    await using herd = await startSmallHerd({ 'alertmanager.urls': [alertmanager!.url] })
    const times = await killAndStart(herd, alertmanager!.bodies)
    report('over Alertmanager', times)
    expect(times.notification).toBeLessThan(30)
    expect(times.resolve).toBeLessThan(60)
  },
)

/** A mail server that wants STARTTLS and a password. */
async function startMailServer() {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-mail-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const { key, certificate } = await selfSigned([{ type: 'ip', value: '127.0.0.1' }])
  writeFileSync(join(directory, 'ca.pem'), certificate)
  writeFileSync(join(directory, 'password'), 'of-the-drill\n')
  const subjects: string[] = []
  const server = new SMTPServer({
    key,
    cert: certificate,
    onAuth: ({ password }, _session, done) =>
      password === 'of-the-drill' ? done(null, { user: 'pgherd' }) : done(new Error('no')),
    onData(stream, _session, done) {
      let text = ''
      stream.on('data', (part: Buffer) => (text += part.toString()))
      stream.on('end', () => {
        subjects.push(/^Subject: (.*?)\r?$/m.exec(text)?.[1] ?? '')
        done()
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  return {
    subjects,
    config: {
      'notify.email.server': `127.0.0.1:${port}`,
      'notify.email.from': 'pgherd@example.com',
      'notify.email.to': ['dba@example.com'],
      'notify.email.username': 'pgherd',
      'notify.email.password_file': join(directory, 'password'),
      'notify.email.ca_file': join(directory, 'ca.pem'),
    },
  }
}

test('without an Alertmanager the collector does the same by webhook and mail, over its own restart as well', async () => {
  await using webhook = await startWebhook()
  const mail = await startMailServer()
  await using herd = await startSmallHerd({ 'notify.webhooks': [{ url: webhook.url }], ...mail.config })
  const times = await killAndStart(herd, webhook.received)
  report('by the collector itself', times)
  expect(times.notification).toBeLessThan(30)
  expect(times.resolve).toBeLessThan(60)
  await waitFor('both mails are there', () => mail.subjects.length === 2)
  expect(mail.subjects).toEqual([
    `[FIRING:1] PostgresDown ${cluster} ${cluster}-1 CRIT`,
    `[RESOLVED] PostgresDown ${cluster} ${cluster}-1 CRIT`,
  ])

  await herd.primary.kill()
  await waitFor('it is told again', () => messages(webhook.received).length > 2, { timeoutMs: 60_000 })
  await herd.collector.kill()
  await herd.collector.start()
  const firing = async () => (await herd.stateOf('PostgresDown').catch(() => undefined)) === 'firing'
  await waitFor('the alert fires again after the restart', firing, { timeoutMs: 60_000, intervalMs: 200 })
  await herd.primary.start()
  await waitFor('its end is told', () => messages(webhook.received).length > 3, { timeoutMs: 90_000 })
  expect(messages(webhook.received).slice(2)).toEqual(['firing PostgresDown', 'resolved PostgresDown'])
})
