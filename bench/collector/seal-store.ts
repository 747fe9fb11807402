/**
 * Runs the maintenance of a store whose collector is stopped, as it would run some time later: `node seal-store.ts DIRECTORY
 * over` a quarter of an hour later, when every window that is over is sealed, `all` hours later, when the newest is too. Prints
 * the CPU seconds, those of opening the store left out: a collector that runs has it open.
 */
import { silentLog } from '../../common/log.ts'
import { openEmbeddedStore } from '../../collector/store/embedded/embedded-store.ts'

const [directory, what] = process.argv.slice(2)
if (directory === undefined || (what !== 'over' && what !== 'all')) {
  throw new Error('tell a directory, and over or all')
}
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
console.log((used.user + used.system) / 1e6)
