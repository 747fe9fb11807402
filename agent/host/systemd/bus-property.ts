import { busErrorOf } from './dbus-connection.ts'
import type { BusConnection } from './dbus-connection.ts'
import { enterVariant } from './dbus-read.ts'
import type { BusCursor } from './dbus-read.ts'

/** Someone on the bus whose properties are read. */
export interface BusObject {
  readonly destination: string
  readonly path: string
  readonly interface: string
}

const propertiesInterface = 'org.freedesktop.DBus.Properties'

/**
 * org.freedesktop.DBus.Properties.Get of a property of one basic or structured type.
 * @returns undefined when the answer is an error
 * @throws PgherdError as `BusConnection.call`, but not REFUSED
 */
export async function getProperty<T>(
  connection: BusConnection,
  object: BusObject,
  property: string,
  signature: string,
  decode: (body: BusCursor) => T,
): Promise<T | undefined> {
  try {
    return await connection.call(
      {
        destination: object.destination,
        path: object.path,
        interface: propertiesInterface,
        member: 'Get',
        args: [object.interface, property],
      },
      'v',
      (body) => {
        enterVariant(body, signature)
        return decode(body)
      },
    )
  } catch (error) {
    // No such property or object (older versions, a unit that has gone), or a policy that hides it from us.
    if (busErrorOf(error) !== undefined) return undefined
    throw error
  }
}
