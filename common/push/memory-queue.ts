import type { BodyQueue, QueuedBody } from './pusher.ts'

/** A queue that also has bodies which could not be written to the disk. */
export interface MemoryQueue extends BodyQueue<QueuedBody> {
  /** Keeps a body in memory; beyond the limit the oldest go, and with the process all. */
  offer(body: QueuedBody): void
}

/**
 * A full disk is when measurements are needed most, and a destination that can be reached need not go without them.
 * Bodies come in the order of their times, whether from the disk or from memory.
 * @param maxBytes of payloads in memory; the newest one is kept whatever its size
 */
export function withMemory<T extends QueuedBody>(disk: BodyQueue<T>, maxBytes: number): MemoryQueue {
  const inMemory: QueuedBody[] = []
  const wakeUps = new Set<() => void>()
  let bytes = 0
  /** What was taken from the disk last. */
  let fromDisk: readonly T[] = []

  const removeOldest = () => {
    bytes -= inMemory.shift()!.payload.length
  }

  return {
    offer(body) {
      inMemory.push(body)
      bytes += body.payload.length
      while (bytes > maxBytes && inMemory.length > 1) removeOldest()
      for (const wake of wakeUps) wake()
    },
    async take(limits) {
      fromDisk = await disk.take(limits)
      const oldest = inMemory[0]
      const first = fromDisk[0]
      if (oldest === undefined) return fromDisk
      const later = fromDisk.findIndex(({ timestampMs }) => timestampMs > oldest.timestampMs)
      if (later !== 0 && first !== undefined) {
        if (later > 0) fromDisk = fromDisk.slice(0, later)
        return fromDisk
      }
      const taken = [oldest]
      let size = oldest.payload.length
      for (let i = 1; i < inMemory.length && taken.length < limits.records; i++) {
        const body = inMemory[i]!
        size += body.payload.length
        if (size > limits.bytes || (first !== undefined && first.timestampMs <= body.timestampMs)) break
        taken.push(body)
      }
      return taken
    },
    async acknowledge(bodies) {
      if (bodies === fromDisk) {
        await disk.acknowledge(fromDisk)
        return
      }
      // Some may have had to make room meanwhile.
      while (inMemory[0] !== undefined && bodies.includes(inMemory[0])) removeOldest()
    },
    async wait(signal) {
      if (inMemory.length > 0) return
      const offered = new AbortController()
      const wake = () => offered.abort()
      wakeUps.add(wake)
      signal.addEventListener('abort', wake, { once: true })
      if (signal.aborted) wake()
      await disk.wait(offered.signal)
      signal.removeEventListener('abort', wake)
      wakeUps.delete(wake)
    },
    backlog() {
      const { records, bytes: onDisk, oldestMs } = disk.backlog()
      const oldest = inMemory[0]?.timestampMs
      return {
        records: records + inMemory.length,
        bytes: onDisk + bytes,
        oldestMs: oldest === undefined ? oldestMs : Math.min(oldest, oldestMs ?? Infinity),
      }
    },
  }
}
