import type { Clock } from '../../../common/clock.ts'
import { late, withinDeadline } from '../../../common/deadline.ts'
import { PgherdError, systemCodeOf } from '../../../common/errors.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { getProperty } from './bus-property.ts'
import { busErrorOf, connectBus } from './dbus-connection.ts'
import type { BusConnection, BusSocket } from './dbus-connection.ts'
import { readString } from './dbus-read.ts'
import { systemdTables } from './tables.ts'
import type { ManagerFacts } from './tables.ts'
import { readUnitProperties } from './unit-properties.ts'
import type { KnownUnit } from './unit-properties.ts'
import { defaultUnitPatterns, readUnits, systemdName, unitListSignature, unitMatcher } from './units.ts'
import type { UnitList } from './units.ts'

export interface SystemdReaderOptions {
  readonly clock: Clock
  /** In the order in which they are tried; the system bus, then systemd's own socket, which only root may use. */
  readonly sockets?: readonly BusSocket[]
  /** Globs of unit names; `defaultUnitPatterns` unless told. */
  readonly patterns?: readonly string[]
}

export interface SystemdReader extends AsyncDisposable {
  /**
   * The units of the stack as they are now, in one call; versions, counts, start times and restarts as of at most
   * a minute ago. Not to be called while an earlier call is under way.
   * @returns undefined where no systemd can be asked, which is no error
   * @throws PgherdError TIMED_OUT after `timeoutMs`, BAD_DATA, REFUSED, UNREACHABLE; the next call connects anew
   */
  read(timeoutMs: number): Promise<readonly SampleTable[] | undefined>
}

const defaultSockets: readonly BusSocket[] = [
  { path: '/run/dbus/system_bus_socket', isDirect: false },
  { path: '/run/systemd/private', isDirect: true },
]

const manager = {
  destination: systemdName,
  path: '/org/freedesktop/systemd1',
  interface: `${systemdName}.Manager`,
}
const refreshMs = 60_000

/** What is known over one connection: a new one may lead to another systemd. */
interface Session {
  readonly connection: BusConnection
  /** systemd before version 230 has no ListUnitsByPatterns. */
  canFilter: boolean
  units: ReadonlyMap<string, KnownUnit>
  facts: ManagerFacts
  factsAtMs: number
}

/**
 * Reads unit states from systemd over D-Bus, under node_exporter's names. Nothing is spawned and nothing is started:
 * all calls forbid the bus to activate a service. Calls: org.freedesktop.systemd1(5).
 */
export function createSystemdReader(options: SystemdReaderOptions): SystemdReader {
  const { clock, sockets = defaultSockets, patterns = defaultUnitPatterns } = options
  const isWanted = unitMatcher(patterns)
  /** The one in use or being opened, so that a deadline can end it. */
  let connection: BusConnection | undefined
  let session: Session | undefined
  /** Where there never was a systemd, as in a container, it is looked for once a minute only. */
  let hasBeenFound = false
  let absentAtMs = -Infinity

  const drop = (): void => {
    connection?.[Symbol.dispose]()
    connection = undefined
    session = undefined
  }

  /** The units of the first socket behind which there is a systemd. */
  const open = async (): Promise<UnitList | undefined> => {
    for (const socket of sockets) {
      drop()
      const opened = connectBus(socket)
      connection = opened
      try {
        await opened.ready
        session = {
          connection: opened,
          canFilter: true,
          units: new Map(),
          facts: { version: undefined, systemState: undefined, counts: undefined },
          factsAtMs: -Infinity,
        }
        return await listUnits(session)
      } catch (error) {
        if (!isAbsence(error)) throw error
      }
    }
    drop()
    return undefined
  }

  const listUnits = async (of: Session): Promise<UnitList> => {
    if (of.canFilter) {
      try {
        return await of.connection.call(
          { ...manager, member: 'ListUnitsByPatterns', args: [[], patterns] },
          unitListSignature,
          readUnits,
        )
      } catch (error) {
        if (!isUnknownMethod(error)) throw error
        of.canFilter = false
      }
    }
    return listAll(of)
  }

  const listAll = (of: Session): Promise<UnitList> =>
    of.connection.call({ ...manager, member: 'ListUnits' }, unitListSignature, (body) =>
      readUnits(body, isWanted),
    )

  const readFacts = async (of: Session): Promise<ManagerFacts> => {
    const text = (property: string): Promise<string | undefined> =>
      getProperty(of.connection, manager, property, 's', readString)
    const [systemState, version, { counts }] = await Promise.all([
      text('SystemState'),
      text('Version'),
      listAll(of),
    ])
    return { systemState, version: version?.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 64), counts }
  }

  const measure = async (): Promise<readonly SampleTable[] | undefined> => {
    if (session?.connection.isOpen === false) drop()
    const nowMs = clock.monotonic()
    if (!hasBeenFound && nowMs - absentAtMs < refreshMs) return undefined
    const list = session === undefined ? await open() : await listUnits(session)
    if (list === undefined || session === undefined) {
      absentAtMs = nowMs
      return undefined
    }
    hasBeenFound = true
    const current = session
    current.units = await readUnitProperties(current.connection, list.units, current.units, nowMs)
    if (nowMs - current.factsAtMs >= refreshMs) {
      current.facts = await readFacts(current)
      current.factsAtMs = nowMs
    }
    return systemdTables([...current.units.values()], current.facts)
  }

  return {
    async read(timeoutMs) {
      try {
        const tables = await withinDeadline(measure(), timeoutMs, clock)
        if (tables !== late) return tables
        throw new PgherdError('TIMED_OUT', `systemd did not answer within ${timeoutMs} ms`)
      } catch (error) {
        drop()
        throw error
      }
    },
    [Symbol.asyncDispose]() {
      drop()
      return Promise.resolve()
    },
  }
}

const errorPrefix = 'org.freedesktop.DBus.Error.'
/** No socket, nobody at it, not for us. systemd hangs up without a word on whom it does not trust. */
const absentPeer = new Set(['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'EACCES', 'EPERM', 'EPIPE', 'ECONNRESET'])
/** A bus on which there is no systemd. */
const absentName = new Set(['ServiceUnknown', 'NameHasNoOwner', 'Spawn.ServiceNotFound'])
/** The bus' policy for an old systemd does not let a method pass that it does not know. */
const unknownMethod = new Set(['UnknownMethod', 'AccessDenied'])

function isAbsence(error: unknown): boolean {
  return absentPeer.has(systemCodeOf(error) ?? '') || absentName.has(shortNameOf(error))
}

function isUnknownMethod(error: unknown): boolean {
  return unknownMethod.has(shortNameOf(error))
}

/** The name of an error reply without its common beginning. */
function shortNameOf(error: unknown): string {
  return busErrorOf(error)?.replace(errorPrefix, '') ?? ''
}
