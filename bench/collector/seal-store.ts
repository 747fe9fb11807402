import { silentLog } from '../../common/log.ts'
import { openEmbeddedStore } from '../../collector/store/embedded/embedded-store.ts'

/**
 * Runs the maintenance of a store whose collector is stopped, as it would run some time later: a quarter of an hour,
 * when every window that is over is sealed, or hours, when the newest is too.
 * @returns CPU seconds, those of opening the store left out: a collector that runs has it open
 */
export async function sealStore(directory: string, what: 'over' | 'all'): Promise<number> {
  const laterMs = what === 'over' ? 16 * 60_000 : 6 * 3_600_000
  await using store = await openEmbeddedStore({
    directory,
    retentionMs: 90 * 86_400_000,
    maintainEveryMs: 0,
    clock: {
      now: () => Date.now() + laterMs,
      monotonic: () => performance.now(),
      sleep: () => Promise.reject(new Error('nothing waits here')),
    },
    log: silentLog,
  })
  const before = process.cpuUsage()
  await store.maintain()
  const used = process.cpuUsage(before)
  return (used.user + used.system) / 1e6
}
