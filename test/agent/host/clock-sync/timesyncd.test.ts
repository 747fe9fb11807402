import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readNtpMessage, readTimesyncdFiles } from '../../../../agent/host/clock-sync/timesyncd.ts'
import { createBusFrames } from '../../../../agent/host/systemd/dbus-frames.ts'
import { enterVariant } from '../../../../agent/host/systemd/dbus-read.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { ntpMessageReply } from './recorded.ts'

const synchronizedAt = 1_795_717_440
const daemon = 'systemd-timesyncd'

function directory(): string {
  const own = createOwnDirectory({ prefix: 'pgherd-timesync-' })
  onTestFinished(() => own[Symbol.dispose]())
  return join(own.path, 'timesync')
}

function synchronized(): string {
  const path = directory()
  mkdirSync(path)
  writeFileSync(join(path, 'synchronized'), '')
  utimesSync(join(path, 'synchronized'), synchronizedAt, synchronizedAt)
  return path
}

const after = (seconds: number) => createManualClock((synchronizedAt + seconds) * 1000)

test('where timesyncd does not run there is nothing to say', async () => {
  expect(await readTimesyncdFiles(directory(), after(0))).toBeUndefined()
})

test('until it has heard from a server the clock is not synchronised', async () => {
  const path = directory()
  mkdirSync(path)
  expect(await readTimesyncdFiles(path, after(0))).toEqual({ daemon, isSynchronized: false })
})

test('the maximum error grows by half a millisecond each second since the clock was adjusted', async () => {
  const path = synchronized()
  expect(await readTimesyncdFiles(path, after(64))).toEqual({
    daemon,
    isSynchronized: true,
    maxError: 0.032,
  })
})

test('at 16 seconds of possible error the clock is no longer synchronised, as for the kernel', async () => {
  const path = synchronized()
  expect(await readTimesyncdFiles(path, after(31_999))).toMatchObject({ isSynchronized: true })
  expect(await readTimesyncdFiles(path, after(32_000))).toMatchObject({ isSynchronized: false })
})

test('a clock that was set back makes no negative error', async () => {
  expect(await readTimesyncdFiles(synchronized(), after(-100))).toMatchObject({ maxError: 0 })
})

// timesyncd cannot be installed beside chrony, so its answer was recorded; the four times in it were shown by busctl.
test('its latest exchange gives the offset of the clock', () => {
  let facts: unknown
  const frames = createBusFrames(({ body }) => {
    enterVariant(body, '(uuuuittayttttbtt)')
    facts = readNtpMessage(body)
  })
  frames(ntpMessageReply)
  const [origin, receive, transmit, destination] = [507_835_175, 508_086_810, 508_086_855, 507_837_192]
  expect(facts).toEqual({
    leap: 0,
    stratum: 3,
    rootDelay: 0.0625,
    rootDispersion: 0.03125,
    offset: (receive - origin + transmit - destination) / 2 / 1e6,
    estimatedError: 0,
  })
})
