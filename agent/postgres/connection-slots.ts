import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import { PgherdError } from '../../common/errors.ts'
import type { Connection } from './connection.ts'

/** The product's promise: never more sessions than this on a server we watch. */
export const maxConnections = 2

/** A connection that is on its way, open, or given up while its backend may still be there. */
export interface ConnectionSlot {
  readonly isOfAction: boolean
  /** Undefined until it is open. */
  readonly connection: Connection | undefined
  readonly isCut: boolean
  /** Resolves when the slot is free. */
  readonly closed: Promise<void>
}

/** Those to one server. All sessions on it share the set, so that the promise holds for them together. */
export type ConnectionSlots = Set<ConnectionSlot>

/**
 * Opens a connection once there is a place for it, which it has from before the attempt until its end.
 * @param waitMs for a place; with 0 only for one that is being left
 * @throws PgherdError POSTGRES_UNAVAILABLE when there is no place, and what `open` throws
 */
export async function openInSlot(
  slots: ConnectionSlots,
  open: () => Promise<Connection>,
  about: {
    readonly where: string
    readonly isOfAction: boolean
    readonly waitMs: number
    readonly clock: Clock
  },
): Promise<Connection> {
  const { where, isOfAction, waitMs, clock } = about
  // One that the server has just ended is no session any more.
  for (const { isCut, closed } of slots) if (isCut) await closed
  const untilMs = clock.monotonic() + waitMs
  while (slots.size >= maxConnections) {
    const leftMs = untilMs - clock.monotonic()
    const anyFree = Promise.race([...slots].map(({ closed }) => closed))
    if (leftMs <= 0 || (await withinDeadline(anyFree, leftMs, clock)) === late) {
      throw new PgherdError(
        'POSTGRES_UNAVAILABLE',
        `${maxConnections} sessions of pgherd on ${where} are busy or hang; no further one is opened until one of them ends`,
        // Whoever measures waits for the end of an action, which is no failure.
        { details: { isHeldByAction: [...slots].some((slot) => slot.isOfAction) } },
      )
    }
  }
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let connection: Connection | undefined
  const slot: ConnectionSlot = {
    isOfAction,
    get connection() {
      return connection
    },
    get isCut() {
      return connection?.isCut === true
    },
    closed: promise.then(() => undefined),
  }
  slots.add(slot)
  const free = (): void => {
    slots.delete(slot)
    resolve(undefined)
  }
  try {
    connection = await open()
  } catch (error) {
    free()
    throw error
  }
  void connection.closed.then(free)
  return connection
}
