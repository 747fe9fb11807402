import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../common/clock.ts'
import { late, withinDeadline } from '../../../common/deadline.ts'
import { systemCodeOf } from '../../../common/errors.ts'
import { getProperty } from '../systemd/bus-property.ts'
import { connectBus } from '../systemd/dbus-connection.ts'
import { alignTo, readBytes, readInt64, readString, readUint32, readUint64 } from '../systemd/dbus-read.ts'
import type { BusCursor } from '../systemd/dbus-read.ts'
import { unsynchronizedStratum } from './clock-state.ts'
import type { ClockState } from './clock-state.ts'

/**
 * As the kernel does it: it adds 500 microseconds to the maximum error each second since the clock was adjusted,
 * and calls the clock unsynchronised at 16 seconds (second_overflow() in kernel/time/ntp.c).
 */
const errorGrowth = 500e-6
const largestError = 16

/**
 * What can be seen of systemd-timesyncd without asking it: its runtime directory is there while it runs, and it
 * touches the file `synchronized` in it each time it has adjusted the clock (systemd-timesyncd.service(8)).
 * @param directory `/run/systemd/timesync`
 * @returns undefined when it does not run
 */
export async function readTimesyncdFiles(directory: string, clock: Clock): Promise<ClockState | undefined> {
  const daemon = 'systemd-timesyncd'
  const mtimeMs = await modifiedMs(join(directory, 'synchronized'))
  if (mtimeMs === undefined) {
    return (await modifiedMs(directory)) === undefined ? undefined : { daemon, isSynchronized: false }
  }
  const maxError = (Math.max(0, clock.now() - mtimeMs) / 1000) * errorGrowth
  return { daemon, isSynchronized: maxError < largestError, maxError }
}

async function modifiedMs(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCodeOf(error) ?? '')) return undefined
    throw error
  }
}

const manager = {
  destination: 'org.freedesktop.timesync1',
  path: '/org/freedesktop/timesync1',
  interface: 'org.freedesktop.timesync1.Manager',
}

/** What systemd-timesyncd tells about its latest exchange with a server, since systemd 239. */
export type TimesyncdFacts = Pick<
  ClockState,
  'reference' | 'offset' | 'estimatedError' | 'frequencyAdjustment' | 'stratum' | 'leap'
> &
  Pick<ClockState, 'rootDelay' | 'rootDispersion'>

/**
 * Asks systemd-timesyncd over the system bus, on a connection for this once.
 * @returns {} when it does not say anything within `timeoutMs`, for whatever reason; it never rejects
 */
export async function askTimesyncd(
  socketPath: string,
  timeoutMs: number,
  clock: Clock,
): Promise<TimesyncdFacts> {
  using connection = connectBus({ path: socketPath, isDirect: false })
  const asked = connection.ready.then(() =>
    Promise.all([
      getProperty(connection, manager, 'NTPMessage', ntpMessageSignature, readNtpMessage),
      getProperty(connection, manager, 'ServerName', 's', readString),
      getProperty(connection, manager, 'Frequency', 'x', readInt64),
    ]),
  )
  const answer = await withinDeadline(
    asked.catch(() => undefined),
    timeoutMs,
    clock,
  )
  if (answer === late || answer === undefined) return {}
  const [message, serverName, scaledPpm] = answer
  if (message === undefined) return {}
  return {
    ...message,
    reference: (serverName ?? '').replaceAll(/[^\x21-\x7e]/g, '').slice(0, 255),
    // In the kernel's units: parts per million, shifted left by 16 (adjtimex(2)).
    ...(scaledPpm === undefined ? {} : { frequencyAdjustment: scaledPpm / 65536e6 }),
  }
}

const ntpMessageSignature = '(uuuuittayttttbtt)'

/**
 * The answer of a server as timesyncd-bus.c gives it out, times in microseconds, and the offset that follows from it
 * (RFC 5905, 8).
 * @returns undefined before there was one
 */
export function readNtpMessage(body: BusCursor): TimesyncdFacts | undefined {
  alignTo(body, 8)
  const leap = readUint32(body)
  readUint32(body) // Version
  readUint32(body) // Mode
  const serverStratum = readUint32(body)
  readUint32(body) // Precision
  const rootDelay = readUint64(body) / 1e6
  const rootDispersion = readUint64(body) / 1e6
  readBytes(body) // Reference identifier, of the server's reference and not of the server
  const origin = readUint64(body)
  const receive = readUint64(body)
  const transmit = readUint64(body)
  const destination = readUint64(body)
  readUint32(body) // Whether it was left out of account as a spike
  const packets = readUint64(body)
  const jitter = readUint64(body) / 1e6
  if (packets === 0 || leap > 3 || serverStratum >= unsynchronizedStratum) return undefined
  return {
    leap,
    // This machine is one step behind its server.
    stratum: serverStratum + 1,
    rootDelay,
    rootDispersion,
    offset: (receive - origin + (transmit - destination)) / 2e6,
    estimatedError: jitter,
  }
}
