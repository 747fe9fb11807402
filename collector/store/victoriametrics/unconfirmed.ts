import type { BodyQueue } from '../../../common/push/pusher.ts'
import type { Position } from '../../../common/spool/position.ts'
import type { SpooledRecord } from '../../../common/spool/read-records.ts'
import type { Spool } from '../../../common/spool/spool.ts'

/**
 * A queue whose records stay on the disk for a while after they were taken by the engine, which acknowledges from
 * memory: when it dies, what it was sent last is sent again.
 */
export interface Unconfirmed extends BodyQueue<SpooledRecord> {
  /** Forgets for good what was acknowledged before this time, on the monotonic clock. */
  confirm(beforeMs: number): Promise<void>
  /** Everything that is not confirmed is to be sent again. */
  rewind(): void
  /** Whether there is something to confirm. */
  isPending(): boolean
  /** Of the newest record that was acknowledged; -Infinity while none was. */
  newestSentMs(): number
  /** The monotonic time of the last acknowledgement; -Infinity while there was none. */
  lastSentMs(): number
}

/** Places closer to each other than this are noted as one. */
const noteEveryMs = 250

export function createUnconfirmed(spool: Spool, name: string, monotonic: () => number): Unconfirmed {
  const confirmed = spool.reader(name)
  let ahead = spool.readAhead(name)
  let places: { atMs: number; position: Position }[] = []
  /** What was taken before a rewind is no longer acknowledged. */
  let taken: readonly SpooledRecord[] = []
  let waiting: AbortController | undefined
  let newestSentMs = -Infinity
  let lastSentMs = -Infinity

  return {
    async take(limits) {
      const records = await ahead.take(limits)
      taken = records
      return records
    },
    async acknowledge(records) {
      if (records !== taken) return
      await ahead.acknowledge(records)
      lastSentMs = monotonic()
      newestSentMs = Math.max(newestSentMs, records.at(-1)?.timestampMs ?? -Infinity)
      const last = places.at(-1)
      const place = { atMs: lastSentMs, position: ahead.position() }
      // The later time is the safe one for both.
      if (last !== undefined && places.length > 1 && lastSentMs - places.at(-2)!.atMs < noteEveryMs) {
        places[places.length - 1] = place
      } else places.push(place)
    },
    async wait(signal) {
      waiting = new AbortController()
      await ahead.wait(AbortSignal.any([signal, waiting.signal]))
      waiting = undefined
    },
    backlog: () => ahead.backlog(),
    async confirm(beforeMs) {
      const done = places.filter(({ atMs }) => atMs < beforeMs)
      const last = done.at(-1)
      if (last === undefined) return
      places = places.filter(({ atMs }) => atMs >= beforeMs)
      await confirmed.acknowledgeTo(last.position)
    },
    rewind() {
      ahead = spool.readAhead(name)
      places = []
      taken = []
      // Who waits for more than the old reader has would not look again.
      waiting?.abort()
    },
    isPending: () => places.length > 0,
    newestSentMs: () => newestSentMs,
    lastSentMs: () => lastSentMs,
  }
}
