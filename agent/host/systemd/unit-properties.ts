import { getProperty } from './bus-property.ts'
import type { BusConnection } from './dbus-connection.ts'
import { malformedBus, readString, readUint32, readUint64 } from './dbus-read.ts'
import type { BusCursor } from './dbus-read.ts'
import { systemdName } from './units.ts'
import type { Unit } from './units.ts'

/** A unit with what is asked about it once a minute. */
export interface KnownUnit {
  readonly unit: Unit
  /** Of a service: `notify`, `simple`; '' of everything else. */
  readonly type: string
  /** When it became active; 0 while it is not, undefined when systemd did not say. */
  readonly startTimeSeconds: number | undefined
  /** Automatic restarts since it was loaded; systemd counts them since version 235. */
  readonly restarts: number | undefined
  readonly askedAtMs: number
}

const refreshMs = 60_000
/** A bus allows a client 128 calls without an answer (dbus-daemon(1), max_replies_per_connection). */
const unitsAtOnce = 16

/**
 * @param known what was known of units by name, from an earlier round
 * @returns the units by name; those that are new, have changed their state or were last asked a minute ago have
 * been asked now
 * @throws PgherdError as `BusConnection.call`
 */
export async function readUnitProperties(
  connection: BusConnection,
  units: readonly Unit[],
  known: ReadonlyMap<string, KnownUnit>,
  nowMs: number,
): Promise<ReadonlyMap<string, KnownUnit>> {
  const result = new Map<string, KnownUnit>()
  const asked: Unit[] = []
  for (const unit of units) {
    const before = known.get(unit.name)
    if (before !== undefined && isFresh(before, unit, nowMs)) result.set(unit.name, before)
    else asked.push(unit)
  }
  for (let start = 0; start < asked.length; start += unitsAtOnce) {
    const some = asked.slice(start, start + unitsAtOnce)
    for (const one of await Promise.all(some.map((unit) => ask(connection, unit, nowMs)))) {
      result.set(one.unit.name, one)
    }
  }
  return result
}

function isFresh(before: KnownUnit, unit: Unit, nowMs: number): boolean {
  const { activeState, subState } = before.unit
  return (
    nowMs - before.askedAtMs < refreshMs && activeState === unit.activeState && subState === unit.subState
  )
}

async function ask(connection: BusConnection, unit: Unit, nowMs: number): Promise<KnownUnit> {
  const get = <T>(of: string, property: string, signature: string, decode: (body: BusCursor) => T) =>
    getProperty(
      connection,
      { destination: systemdName, path: unit.path, interface: `${systemdName}.${of}` },
      property,
      signature,
      decode,
    )
  const isService = unit.name.endsWith('.service')
  const [type, activeEnterUsec, restarts] = await Promise.all([
    isService ? get('Service', 'Type', 's', readWord) : '',
    unit.activeState === 'active' ? get('Unit', 'ActiveEnterTimestamp', 't', readUint64) : 0,
    isService ? get('Service', 'NRestarts', 'u', readUint32) : undefined,
  ])
  const startTimeSeconds = activeEnterUsec === undefined ? undefined : activeEnterUsec / 1e6
  return { unit, type: type ?? '', startTimeSeconds, restarts, askedAtMs: nowMs }
}

function readWord(body: BusCursor): string {
  const word = readString(body)
  if (!/^[a-z-]{0,32}$/.test(word)) throw malformedBus('the type of a service is no word')
  return word
}
