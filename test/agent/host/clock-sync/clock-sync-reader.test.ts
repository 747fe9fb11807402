import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createClockSyncReader } from '../../../../agent/host/clock-sync/clock-sync-reader.ts'
import type { ReadClockSync } from '../../../../agent/host/clock-sync/clock-sync-reader.ts'
import { systemClock } from '../../../../common/clock.ts'
import type { Clock } from '../../../../common/clock.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { freePorts } from '../../../../testbed/ports.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { ntpVariables } from './recorded.ts'

interface Peer {
  readonly port: number
  readonly asked: readonly Buffer[]
}

/** Answers each datagram with what `reply` makes of it; it stands in for daemons that cannot run beside chrony. */
async function peer(reply: (request: Buffer) => readonly Buffer[]): Promise<Peer> {
  const socket = createSocket('udp4')
  const asked: Buffer[] = []
  socket.on('message', (request, sender) => {
    asked.push(request)
    for (const answer of reply(request)) socket.send(answer, sender.port, sender.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return { port: socket.address().port, asked }
}

async function readerOf(options: { clock?: Clock; chronyPort?: number; ntpPort?: number }): Promise<{
  read: ReadClockSync
  timesyncDirectory: string
}> {
  const own = createOwnDirectory({ prefix: 'pgherd-clock-' })
  onTestFinished(() => own[Symbol.dispose]())
  const [chronyPort, ntpPort] = await freePorts(2)
  const timesyncDirectory = join(own.path, 'timesync')
  const read = createClockSyncReader({
    clock: systemClock,
    chronyPort: chronyPort!,
    ntpPort: ntpPort!,
    timesyncDirectory,
    busSocket: join(own.path, 'bus'),
    ...options,
  })
  return { read, timesyncDirectory }
}

/** The answer that was recorded from ntpsec, to this request. */
function ntpAnswer(request: Buffer): readonly Buffer[] {
  const answer = Buffer.from(ntpVariables)
  request.copy(answer, 2, 2, 4)
  return [answer]
}

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'UDPWRAP').length

test('where no daemon runs nothing is known and no socket is left', async () => {
  const before = openSockets()
  const { read } = await readerOf({})
  expect(await read(1000)).toBeUndefined()
  await waitFor('sockets are closed', () => openSockets() === before)
})

test('ntpd is asked when chronyd does not answer, and alone from then on', async () => {
  const chrony = await peer(() => [])
  const ntp = await peer(ntpAnswer)
  const { read } = await readerOf({ chronyPort: chrony.port, ntpPort: ntp.port })
  const [values, info] = (await read(1000)) ?? []
  expect(Object.fromEntries(values!.metrics.map((name, i) => [name, values!.rows[0]!.values[i]]))).toEqual({
    node_timex_sync_status: 1,
    node_timex_frequency_adjustment_ratio: 1,
    node_ntp_stratum: 3,
    node_ntp_leap: 0,
    node_timex_offset_seconds: 0.025061746,
    node_timex_estimated_error_seconds: 0.008288398,
    node_timex_maxerror_seconds: 1.031372,
    node_ntp_offset_seconds: 0.025061746,
    node_ntp_root_delay_seconds: 0.062744,
    node_ntp_root_dispersion_seconds: 1,
  })
  expect(info).toEqual({
    metrics: ['pgherd_clock_source_info'],
    labelNames: ['daemon', 'reference'],
    rows: [{ labels: ['ntpd', '10.77.1.2'], values: [1] }],
  })
  await read(1000)
  expect([chrony.asked.length, ntp.asked.length]).toEqual([1, 2])
})

test('silence ends after 200 ms, and for a minute nobody is asked again', async () => {
  const clock = createManualClock()
  const silent = await peer(() => [])
  const { read } = await readerOf({ clock, chronyPort: silent.port })
  const first = read(8000)
  await waitFor('it was asked', () => silent.asked.length === 1)
  await clock.advance(200)
  expect(await first).toBeUndefined()
  await clock.advance(59_000)
  expect(await read(8000)).toBeUndefined()
  expect(silent.asked).toHaveLength(1)
  await clock.advance(1000)
  const later = read(8000)
  await waitFor('it was asked again', () => silent.asked.length === 2)
  await clock.advance(200)
  await later
  expect(clock.sleepers).toBe(0)
})

test('malformed answers are passed over until a good one comes', async () => {
  const garbage = [Buffer.alloc(0), Buffer.alloc(1000, 0xff), Buffer.from('hello')]
  const ntp = await peer((request) => [...garbage, ...ntpAnswer(request)])
  const { read } = await readerOf({ ntpPort: ntp.port })
  expect(await read(1000)).toHaveLength(2)
})

test('an endless stream of garbage is no answer', async () => {
  const garbage = Array.from({ length: 100 }, () => Buffer.alloc(100, 1))
  const ntp = await peer(() => garbage)
  const { read } = await readerOf({ clock: createManualClock(), ntpPort: ntp.port })
  expect(await read(1000)).toBeUndefined()
})

test("timesyncd's directory without its mark says that the clock is not synchronised", async () => {
  const { read, timesyncDirectory } = await readerOf({})
  mkdirSync(timesyncDirectory)
  expect(await read(1000)).toEqual([
    { metrics: ['node_timex_sync_status'], labelNames: [], rows: [{ labels: [], values: [0] }] },
    {
      metrics: ['pgherd_clock_source_info'],
      labelNames: ['daemon', 'reference'],
      rows: [{ labels: ['systemd-timesyncd', ''], values: [1] }],
    },
  ])
})
