import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'
import { createEmailTarget } from '../../../../../collector/rules/notify/own/email-target.ts'
import type { EmailOptions } from '../../../../../collector/rules/notify/own/email-target.ts'
import type { Notification } from '../../../../../collector/rules/notify/own/notification.ts'
import { selfSigned } from '../../../../../testbed/backup/s3/certificate.ts'

const secret = 'p4ss-of-the-smarthost'

interface Mail {
  readonly text: string
  readonly isSecure: boolean
  readonly user: unknown
  readonly to: readonly string[]
}

/** A mail server that wants STARTTLS and then a password, as smarthosts do. */
async function startMailServer(options: SMTPServerOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-mail-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const { key, certificate } = await selfSigned([{ type: 'ip', value: '127.0.0.1' }])
  const caFile = join(directory, 'ca.pem')
  const passwordFile = join(directory, 'password')
  writeFileSync(caFile, certificate)
  writeFileSync(passwordFile, `${secret}\n`)
  const mails: Mail[] = []
  const server = new SMTPServer({
    key,
    cert: certificate,
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: ({ username, password }, _session, done) =>
      username === 'pgherd' && password === secret
        ? done(null, { user: username })
        : done(new Error(`535 no such user with ${password ?? ''}`)),
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push({
          text: Buffer.concat(parts).toString(),
          isSecure: session.secure,
          user: session.user,
          to: session.envelope.rcptTo.map(({ address }) => address),
        })
        done()
      })
    },
    ...options,
  })
  // Of a client that breaks off.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  const target = (more: Partial<EmailOptions> = {}) =>
    createEmailTarget({
      server: { host: '127.0.0.1', port },
      tls: 'starttls',
      from: 'pgherd <pgherd@example.com>',
      to: 'dba@example.com',
      auth: { username: 'pgherd', passwordFile },
      caFile,
      externalUrl: 'https://pgherd.example',
      random: () => 0.5,
      ...more,
    })
  return { mails, passwordFile, port, target }
}

const notification: Notification = {
  groupKey: '{}:{alertname="PostgresDown", cls="pg-main"}',
  groupLabels: { alertname: 'PostgresDown', cls: 'pg-main' },
  alerts: [
    {
      labels: { alertname: 'PostgresDown', cls: 'pg-main', ins: 'pg-main-1', severity: 'CRIT' },
      annotations: {
        summary: 'PostgreSQL pg-main-1 is down',
        description: 'It does not answer. First, on 10.0.0.1: 1. `pg_lsclusters` 2. `journalctl -n 50`',
        runbook_url: 'https://docs.example/postgresdown',
      },
      startsAtMs: Date.UTC(2026, 10, 27, 3, 4, 5),
      endedAtMs: undefined,
      generatorUrl: undefined,
    },
  ],
}
const signal = new AbortController().signal

test('people get a mail over STARTTLS, after the password, that says what is wrong and what to do first', async () => {
  const { mails, target } = await startMailServer()
  await target().send(notification, signal)
  expect(mails).toHaveLength(1)
  const [mail] = mails
  expect(mail).toMatchObject({ isSecure: true, user: 'pgherd', to: ['dba@example.com'] })
  expect(mail?.text).toContain('Subject: [FIRING:1] PostgresDown pg-main pg-main-1 CRIT')
  expect(mail?.text).toContain('From: pgherd <pgherd@example.com>')
  expect(mail?.text).toContain('Auto-Submitted: auto-generated')
  const [, body = ''] = mail?.text.split('\r\n\r\n') ?? []
  expect(body.replaceAll('\r\n', '\n')).toContain(
    'PostgresDown: FIRING since 2026-11-27 03:04:05 UTC\nPostgreSQL pg-main-1 is down\nIt does not answer.\nFirst, on 10.0.0.1:\n  1. pg_lsclusters\n  2. journalctl -n 50\nRunbook: https://docs.example/postgresdown',
  )
  expect(mail?.text).toContain('All alerts: https://pgherd.example/alerts')
  expect(mail?.text).not.toContain(secret)
})

test('the end of it stands in the same thread', async () => {
  const { mails, target } = await startMailServer()
  const [alert] = notification.alerts
  await target().send(notification, signal)
  const alerts = [{ ...alert!, endedAtMs: alert!.startsAtMs + 90_000 }]
  await target({ random: () => 0.25 }).send({ ...notification, alerts }, signal)
  const header = (name: string) =>
    mails.map(({ text }) => new RegExp(`^${name}: (.*?)\r$`, 'm').exec(text)?.[1])
  expect(header('Subject')[1]).toBe('[RESOLVED] PostgresDown pg-main pg-main-1 CRIT')
  expect(new Set(header('In-Reply-To')).size).toBe(1)
  expect(new Set(header('Message-ID')).size).toBe(2)
})

test('a wrong password is told without it, although the server repeats it', async () => {
  const { mails, passwordFile, target } = await startMailServer()
  writeFileSync(passwordFile, 'other-secret\n')
  const failure = await target()
    .send(notification, signal)
    .catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('***') as string })
  expect(JSON.stringify([failure, String(failure)])).not.toContain('other-secret')
  expect((failure as Error).cause).toBeUndefined()
  expect(mails).toEqual([])
})

test('a changed password is read from its file for the next mail', async () => {
  const { mails, passwordFile, target } = await startMailServer()
  const one = target()
  writeFileSync(passwordFile, 'wrong')
  await expect(one.send(notification, signal)).rejects.toThrow()
  writeFileSync(passwordFile, secret)
  await one.send(notification, signal)
  expect(mails).toHaveLength(1)
})

test('nothing is sent to a server that offers no STARTTLS, neither the password nor the mail', async () => {
  const { mails, target } = await startMailServer({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })
  await expect(target().send(notification, signal)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect(mails).toEqual([])
})

test('a certificate that nobody vouches for is refused', async () => {
  const { mails, target } = await startMailServer()
  await expect(target({ caFile: undefined }).send(notification, signal)).rejects.toThrow(
    /self-signed certificate/i,
  )
  expect(mails).toEqual([])
})

test('an address that is refused is a failure, which is tried again', async () => {
  const { target } = await startMailServer({
    onRcptTo: ({ address }, _session, done) =>
      address.startsWith('night') ? done(new Error('no such mailbox')) : done(),
  })
  await expect(target({ to: 'night@example.com' }).send(notification, signal)).rejects.toThrow(
    /^mail 127\.0\.0\.1:\d+ for night@example\.com: .*no such mailbox/,
  )
})

test('a server that goes on saying that it is about to answer has one minute, and not a word at a time', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    const timer = setInterval(() => socket.write('220-wait\r\n'), 20)
    socket.on('close', () => clearInterval(timer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { target } = await startMailServer()
  const { port } = server.address() as AddressInfo
  const slow = target({ server: { host: '127.0.0.1', port }, messageMs: 200 })
  await expect(slow.send(notification, signal)).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

test('a server that is away and a password that is not there are said plainly', async () => {
  const { target } = await startMailServer()
  await expect(target({ server: { host: '127.0.0.1', port: 1 } }).send(notification, signal)).rejects.toThrow(
    /^mail 127\.0\.0\.1:1 for dba@example\.com: .*ECONNREFUSED/,
  )
  const auth = { username: 'pgherd', passwordFile: '/nonexistent' }
  await expect(target({ auth }).send(notification, signal)).rejects.toThrow(
    'cannot read /nonexistent: ENOENT',
  )
})

test('a name in a label cannot add a header to the mail', async () => {
  const { mails, target } = await startMailServer()
  const [alert] = notification.alerts
  const labels = { ...alert!.labels, ins: 'x\r\nBcc: thief@example.com' }
  await target().send({ ...notification, alerts: [{ ...alert!, labels }] }, signal)
  const [head = ''] = mails[0]?.text.split('\r\n\r\n') ?? []
  expect(head).not.toMatch(/^Bcc/m)
  expect(mails[0]?.to).toEqual(['dba@example.com'])
})
