import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Registry } from 'prom-client'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { notifyView } from '../../common/alerts/notify-view.ts'
import { parseMatcher } from '../../common/alerts/matcher-text.ts'
import { systemClock } from '../../common/clock.ts'
import { loadConfig } from '../../common/config/load-config.ts'
import { silentLog } from '../../common/log.ts'
import { collectorOptions } from '../../collector/config.ts'
import { openFleet } from '../../collector/fleet/fleet.ts'
import { openNotify } from '../../collector/notify.ts'
import { waitFor } from '../../testbed/wait.ts'
import { startFakeAlertmanager } from './rules/notify/fake-alertmanager.ts'

const signal = new AbortController().signal

async function open(text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-notify-'))
  const { config, problems } = loadConfig(collectorOptions, {
    file: { name: 'collector.yaml', text },
    environment: {},
    environmentPrefix: 'PGHERD_COLLECTOR',
    flags: new Map(),
  })
  if (config === undefined) throw new Error(problems.join())
  const fleet = openFleet({ path: join(directory, 'fleet.sqlite'), clock: systemClock })
  onTestFinished(() => {
    fleet[Symbol.dispose]()
    rmSync(directory, { recursive: true })
  })
  const events: string[] = []
  const notify = await openNotify(config, {
    fleet,
    audit: (fact) => Promise.resolve(void events.push(`${fact.event} ${fact.who}`)),
    clock: systemClock,
    log: silentLog,
    registry: new Registry(),
  })
  // Before the fleet ends, which is the last in the order of these.
  onTestFinished(() => notify[Symbol.asyncDispose]().then(() => undefined))
  return { notify, events }
}

const silence = {
  matchers: [parseMatcher('cls=a')],
  startsAt: new Date().toISOString(),
  endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  createdBy: 'alice',
  comment: '',
}

test('without anybody to tell it is said that nobody is told, and silences are kept all the same', async () => {
  const { notify, events } = await open('')
  expect(notifyView.parse(await notify.view(signal))).toEqual({
    ...{ via: 'nobody', silences: 'own', alertmanagers: [], webhooks: [], email: null },
  })
  const id = await notify.silences.set(silence, 'the-operator', signal)
  expect((await notify.silences.list([], signal)).map((one) => one.id)).toEqual([id])
  expect(events).toEqual(['silence-set the-operator'])
})

test('webhooks and mail are shown with how it goes, and without what lets anybody post there', async () => {
  const hook = await startFakeAlertmanager(() => ({ status: 410 }))
  const { notify } = await open(
    `notify: { webhooks: [{ url: "${hook.url}/services/secret" }], email: { server: "127.0.0.1:1", from: a@b, to: [c@d], tls: none } }`,
  )
  notify.notify([
    {
      labels: { alertname: 'PostgresDown', cls: 'a', severity: 'CRIT' },
      annotations: {},
      startsAtMs: Date.now(),
      endsAtMs: Date.now() + 240_000,
      generatorUrl: undefined,
    },
  ])
  const view = await waitFor('both have failed', async () => {
    const shown = notifyView.parse(await notify.view(signal))
    return shown.webhooks[0]?.up === false && shown.email?.up === false ? shown : undefined
  })
  expect(view).toMatchObject({
    via: 'own',
    silences: 'own',
    webhooks: [
      { url: hook.url, lastError: `${hook.url} answered with status 410`, lastSentMs: null, waiting: 1 },
    ],
    email: { server: '127.0.0.1:1', from: 'a@b', to: ['c@d'], waiting: 1 },
  })
  expect(view.email?.lastError).toContain('ECONNREFUSED')
  expect(JSON.stringify(view)).not.toContain('secret')
})

test('an address that is refused keeps nobody else from the mail, nor makes it come again', async () => {
  const mails: string[] = []
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] },
    onRcptTo: ({ address }, _session, done) =>
      address === 'gone@d' ? done(new Error('no such mailbox')) : done(),
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map(({ address }) => address).join()
      let text = ''
      stream.on('data', (part: Buffer) => (text += part.toString()))
      stream.on('end', () => {
        mails.push(`${to} ${/^Subject: (.*?)\r$/m.exec(text)?.[1] ?? ''}`)
        done()
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  const routing = join(mkdtempSync(join(tmpdir(), 'pgherd-routing-')), 'routing.yml')
  onTestFinished(() => rmSync(dirname(routing), { recursive: true }))
  writeFileSync(routing, 'route: { group_wait: 0s, group_interval: 0s }')
  const { notify } = await open(
    `notify: { routing_file: ${routing}, email: { server: "127.0.0.1:${port}", from: a@b, to: [gone@d, here@d], tls: none } }`,
  )
  const alert = {
    ...{ labels: { alertname: 'Down' }, annotations: {}, generatorUrl: undefined },
    startsAtMs: Date.now(),
  }
  notify.notify([{ ...alert, endsAtMs: Date.now() + 240_000 }])
  const shown = await waitFor('one has it and the other was refused again', async () => {
    const { email } = notifyView.parse(await notify.view(signal))
    // Each attempt at the refused address is at least half a second after the one before.
    const isAgain = email !== null && (email.lastErrorMs ?? 0) - (email.lastSentMs ?? Infinity) > 500
    return isAgain ? email : undefined
  })
  expect(shown).toMatchObject({ up: false, waiting: 1 })
  expect(shown.lastError).toMatch(/for gone@d: .*no such mailbox/)
  expect(mails).toEqual(['here@d [FIRING:1] Down'])
  notify.notify([{ ...alert, endsAtMs: Date.now() - 1 }])
  await waitFor('its end is told', () => mails.length > 1)
  expect(mails.slice(1)).toEqual(['here@d [RESOLVED] Down'])
})

test('Alertmanagers are shown without passwords, and have the silences', async () => {
  const { url } = await startFakeAlertmanager(() => ({ status: 200 }))
  const withPassword = url.replace('http://', 'http://me:secret@')
  const { notify } = await open(
    `alertmanager: { urls: ["${withPassword}"], endpoints: [{ url: "http://127.0.0.1:1" }] }`,
  )
  const view = notifyView.parse(await notify.view(signal))
  expect(view).toMatchObject({
    via: 'alertmanager',
    silences: 'alertmanager',
    alertmanagers: [
      { url, up: true },
      { url: 'http://127.0.0.1:1', up: false },
    ],
  })
  expect(JSON.stringify([view, notify.alertmanagers])).not.toContain('secret')
  await expect(notify.silences.list([], signal)).rejects.toThrow('does not answer like one')
})

test('a routing file that cannot be used keeps the collector from starting, with each reason', async () => {
  const text = 'notify: { webhooks: [{ url: http://127.0.0.1:1 }], routing_file: /nonexistent }'
  await expect(open(text)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('/nonexistent: cannot be read') as string,
  })
})
