import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  changeCipherPass,
  forbid,
  freezeS3,
  refuseS3,
  stopS3,
  unmount,
} from '../../../testbed/backup/faults.ts'
import { startArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import type { ArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import { startS3Server } from '../../../testbed/backup/s3/server.ts'
import type { S3Server } from '../../../testbed/backup/s3/server.ts'
import { mountSmallDisk } from '../../../testbed/small-disk.ts'
import type { SmallDisk } from '../../../testbed/small-disk.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { outcomeOf } from './outcome.ts'

/** Every connection is tried for four times so long, and every file of information twice, it and its copy. */
const ioTimeout = 1

interface Expected {
  readonly infoSays: RegExp
  readonly status: number
  readonly says: RegExp
  /** Of `info`, of `check` and `backup`, and of `verify`; nothing takes longer unless told. */
  readonly seconds?: readonly [number, number, number]
}

/** What all commands say to one fault. */
async function expectAll(lab: ArchivingPostgres, name: string, expected: Expected): Promise<void> {
  const { infoSays, status, says, seconds: [one, two, four] = [0, 0, 0] } = expected
  const atMost = (seconds: number): number => seconds + 4
  const info = await outcomeOf(lab, ['info', '--output=json'], `info-${name}`)
  expect(info).toMatchObject({ status: 0, says: [] })
  expect(info.stdout).toMatch(infoSays)
  expect(info.seconds).toBeGreaterThanOrEqual(one)
  expect(info.seconds).toBeLessThan(atMost(one))
  for (const command of ['check', 'backup']) {
    const outcome = await outcomeOf(lab, [command], `${command}-${name}`)
    expect(outcome).toMatchObject({ status, says: [expect.stringMatching(says)] })
    expect(outcome.seconds).toBeGreaterThanOrEqual(two)
    expect(outcome.seconds).toBeLessThan(atMost(two))
  }
  const verify = await outcomeOf(lab, ['verify', '--output=text'], `verify-${name}`)
  expect(verify).toMatchObject({ status: 0, says: [] })
  expect(verify.stdout).toContain(
    'status: error\n  No usable backup.info file\n  No usable archive.info file',
  )
  expect(verify.seconds).toBeGreaterThanOrEqual(four)
  expect(verify.seconds).toBeLessThan(atMost(four))
}

describe('a repository in S3', () => {
  let s3: S3Server
  let lab: ArchivingPostgres
  beforeAll(async () => {
    s3 = await startS3Server()
    lab = await startArchivingPostgres({
      repositories: [{ s3, cipherPass: 'a pass' }],
      options: { 'io-timeout': String(ioTimeout), 'protocol-timeout': '3' },
    })
    expect(await outcomeOf(lab, ['backup', '--type=full'])).toMatchObject({ status: 0, says: [] })
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
    await s3[Symbol.asyncDispose]()
  })

  test('whose server is down, is tried for four times io-timeout per file', async () => {
    await using fault = await stopS3(s3)
    await expectAll(lab, 's3-stopped', {
      infoSays:
        /"code":99,"message":"\[HostConnectError\] unable to connect to '127.0.0.1:PORT': \[111\] Connection refused"/,
      status: 49,
      says: /^ERROR: \[049\]: unable to load info file /,
      seconds: [4, 8, 16],
    })
    await fault.heal()
    expect(await outcomeOf(lab, ['check'])).toMatchObject({ status: 0, says: [] })
  })

  test('whose server hangs, is tried for as long', async () => {
    await using fault = await freezeS3(s3)
    await expectAll(lab, 's3-frozen', {
      infoSays:
        /"code":99,"message":"\[FileReadError\] timeout after 1000ms waiting for read from '127.0.0.1:PORT'"/,
      status: 42,
      says: /^ERROR: \[042\]: unable to load info file /,
      seconds: [4, 8, 16],
    })
    await fault.heal()
    expect(await outcomeOf(lab, ['check'])).toMatchObject({ status: 0, says: [] })
  })

  test('whose name is not known, is tried for as long', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(lab.configure({ 'repo1-storage-host': 'no-such-host.invalid' }))
    await expectAll(lab, 's3-unknown-host', {
      infoSays: /\[HostConnectError\] unable to get address for 'no-such-host.invalid'/,
      status: 49,
      says: /^ERROR: \[049\]: unable to load info file /,
      seconds: [4, 8, 16],
    })
  })

  test.each([500, 503] as const)('that answers %i, is tried for once io-timeout per file', async (status) => {
    await using stack = new AsyncDisposableStack()
    stack.use(refuseS3(s3, status))
    await expectAll(lab, `s3-${status}`, {
      infoSays: new RegExp(`"code":99,"message":"\\[ServiceError\\] \\[${status}\\] `),
      status: 101,
      says: /^ERROR: \[101\]: unable to load info file /,
      seconds: [1, 2, 4],
    })
  })

  test('that forbids, is a ProtocolError at once', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(refuseS3(s3, 403))
    await expectAll(lab, 's3-403', {
      infoSays: /"code":99,"message":"\[ProtocolError\] HTTP request failed with 403 \(Forbidden\)/,
      status: 39,
      says: /^ERROR: \[039\]: unable to load info file /,
    })
  })

  test.each([
    ['key', 'InvalidAccessKeyId'],
    ['key-secret', 'SignatureDoesNotMatch'],
  ])('with a wrong %s, tells the code of S3', async (option, code) => {
    await using stack = new AsyncDisposableStack()
    stack.use(lab.configure({ [`repo1-s3-${option}`]: 'wrong' }))
    await expectAll(lab, `s3-wrong-${option}`, {
      infoSays: new RegExp(code),
      status: 39,
      says: /^ERROR: \[039\]: unable to load info file /,
    })
    expect((await outcomeOf(lab, ['check'])).stderr).toContain(`<Error><Code>${code}</Code>`)
  })

  test('with a bucket that is not there, looks like one without a stanza to all but info', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(lab.configure({ 'repo1-s3-bucket': 'no-such-bucket' }))
    await expectAll(lab, 's3-wrong-bucket', {
      infoSays:
        /"code":99,"message":"\[ProtocolError\] HTTP request failed with 404 \(Not Found\).*NoSuchBucket/,
      status: 55,
      says: /^ERROR: \[055\]: unable to load info file /,
    })
  })

  test('with a certificate that nobody vouches for, is tried for once io-timeout per file', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(lab.configure({ 'repo1-storage-ca-file': '/etc/ssl/certs/ca-certificates.crt' }))
    await expectAll(lab, 's3-wrong-ca', {
      infoSays: /"code":99,"message":"\[CryptoError\] unable to verify certificate presented by /,
      status: 95,
      says: /^ERROR: \[095\]: unable to load info file /,
      seconds: [1, 2, 4],
    })
  })

  test('that is down in the middle of a backup, ends it; what was sent is resumed', async () => {
    const logFile = `${lab.directory}/backup.log`
    const backup = await lab.spawn(['backup', '--type=full', '--log-level-console=detail'], logFile)
    await backup.waitFor('files to be sent', () => backup.logTail().includes('backup file'))
    await using fault = await stopS3(s3)
    expect(await backup.exited).toBe(49)
    expect(backup.logTail(200)).toMatch(/ERROR: \[049\]: raised from local-\d protocol: unable to connect/)
    await fault.heal()
    const next = await outcomeOf(lab, ['backup', '--type=full'], 'backup-resumes')
    expect(next).toMatchObject({
      status: 0,
      says: [expect.stringMatching(/^WARN: resumable backup \S+ of same type exists/)],
    })
  })

  test('with another pass, cannot be told from one that is damaged', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(changeCipherPass(lab))
    const info = await outcomeOf(lab, ['info', '--output=json'], 'info-wrong-pass')
    expect(info).toMatchObject({ status: 0 })
    expect(info.stdout).toMatch(/"code":99,"message":"\[(FormatError|CryptoError)\] /)
    for (const args of [['check'], ['backup']]) {
      const { status, says } = await outcomeOf(lab, args, `${args[0] ?? ''}-wrong-pass`)
      expect([29, 95]).toContain(status)
      expect(says).toEqual([expect.stringMatching(/^ERROR: \[0(29|95)\]: unable to load info file /)])
    }
    const verify = await outcomeOf(lab, ['verify', '--output=text'], 'verify-wrong-pass')
    expect(verify).toMatchObject({ status: 0, says: [] })
    expect(verify.stdout).toContain('No usable backup.info file')
    await using restore = await lab.restoreInto(undefined, { type: 'default' })
    expect(restore.run.status).toBe(75)
  })
})

describe('a repository in a directory', () => {
  let disk: SmallDisk
  let lab: ArchivingPostgres
  beforeAll(async () => {
    disk = await mountSmallDisk('200m', unprivilegedOwner())
    lab = await startArchivingPostgres({ repositories: [{ path: disk.path }] })
    expect(await outcomeOf(lab, ['backup', '--type=full'])).toMatchObject({ status: 0, says: [] })
  })
  afterAll(async () => {
    await lab[Symbol.asyncDispose]()
    await disk[Symbol.asyncDispose]()
  })

  test('that is not to be looked into, says so', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(forbid(disk.path))
    await expectAll(lab, 'directory-forbidden', {
      infoSays:
        /"code":99,"message":"\[PathOpenError\] unable to list file info for path '\S+': \[13\] Permission denied"/,
      status: 41,
      says: /^ERROR: \[041\]: unable to load info file /,
    })
  })

  test('whose file system is not mounted, looks like one without a stanza', async () => {
    await using stack = new AsyncDisposableStack()
    stack.use(await unmount(disk))
    await expectAll(lab, 'directory-unmounted', {
      infoSays: /"code":1,"message":"missing stanza path"/,
      status: 55,
      says: /^ERROR: \[055\]: unable to load info file /,
    })
    await using restore = await lab.restoreInto(undefined, { type: 'default' })
    expect(restore.run.status).toBe(75)
  })
})
