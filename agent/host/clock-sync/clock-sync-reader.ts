import { randomInt } from 'node:crypto'
import type { Clock } from '../../../common/clock.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { decodeTrackingReply, encodeTrackingRequest } from './chrony.ts'
import type { ClockState } from './clock-state.ts'
import { clockTables } from './clock-tables.ts'
import { askDatagram } from './datagram-query.ts'
import { createVariablesDecoder, encodeReadVariables } from './ntp-control.ts'
import { askTimesyncd, readTimesyncdFiles } from './timesyncd.ts'
import type { TimesyncdFacts } from './timesyncd.ts'

export interface ClockSyncOptions {
  readonly clock: Clock
  /** chronyd's command port; 323 unless told. */
  readonly chronyPort?: number
  /** ntpd's port; 123 unless told. */
  readonly ntpPort?: number
  /** `/run/systemd/timesync` unless told. */
  readonly timesyncDirectory?: string
  /** The system bus; `/run/dbus/system_bus_socket` unless told. */
  readonly busSocket?: string
}

/**
 * @param timeoutMs at most; a daemon gets no more than 200 ms
 * @returns undefined when no time daemon is known to run
 */
export type ReadClockSync = (timeoutMs: number) => Promise<readonly SampleTable[] | undefined>

const answerMs = 200
/** How long a machine that has none of the daemons is not asked again, and timesyncd's facts are kept. */
const refreshMs = 60_000

/**
 * How well the machine's clock is kept, from the daemon that keeps it: adjtimex(2) cannot be called from Node. chronyd
 * is asked first, then ntpd, both on the loopback address; then the traces of systemd-timesyncd are looked at. Who
 * answered is asked alone from then on. Nothing is spawned.
 */
export function createClockSyncReader(options: ClockSyncOptions): ReadClockSync {
  const {
    clock,
    chronyPort = 323,
    ntpPort = 123,
    timesyncDirectory = '/run/systemd/timesync',
    busSocket = '/run/dbus/system_bus_socket',
  } = options
  type Ask = (timeoutMs: number) => Promise<ClockState | undefined>

  const askChronyd: Ask = (timeoutMs) => {
    const sequence = randomInt(2 ** 32)
    const accept = (answer: Buffer): ClockState | undefined => decodeTrackingReply(answer, sequence)
    const request = encodeTrackingRequest(sequence)
    return askDatagram({ port: chronyPort, request, accept, timeoutMs }, clock)
  }
  const askNtpd: Ask = (timeoutMs) => {
    const sequence = randomInt(2 ** 16)
    const accept = createVariablesDecoder(sequence)
    return askDatagram({ port: ntpPort, request: encodeReadVariables(sequence), accept, timeoutMs }, clock)
  }

  let known: Ask | undefined
  let searchedAtMs = -Infinity
  let facts: TimesyncdFacts = {}
  let factsAtMs = -Infinity

  /** The daemon that answered last, or the first that answers now. */
  const askDaemons: Ask = async (timeoutMs) => {
    const state = await known?.(timeoutMs)
    if (state !== undefined) return state
    if (known === undefined && clock.monotonic() - searchedAtMs < refreshMs) return undefined
    searchedAtMs = clock.monotonic()
    const asks = [askChronyd, askNtpd]
    const states = await Promise.all(asks.map((ask) => ask(timeoutMs)))
    const found = states.findIndex((one) => one !== undefined)
    known = asks[found]
    return states[found]
  }

  const readTimesyncd: Ask = async (timeoutMs) => {
    const state = await readTimesyncdFiles(timesyncDirectory, clock)
    if (state === undefined) return undefined
    if (clock.monotonic() - factsAtMs >= refreshMs) {
      factsAtMs = clock.monotonic()
      facts = await askTimesyncd(busSocket, timeoutMs, clock)
    }
    return { ...facts, ...state }
  }

  return async (timeoutMs) => {
    const limitMs = Math.min(timeoutMs, answerMs)
    const state = (await askDaemons(limitMs)) ?? (await readTimesyncd(limitMs))
    return state === undefined ? undefined : clockTables(state)
  }
}
