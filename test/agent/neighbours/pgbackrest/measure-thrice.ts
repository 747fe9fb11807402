import { createPgbackrestSource } from '../../../../agent/neighbours/pgbackrest/source.ts'
import { systemClock } from '../../../../common/clock.ts'
import { createHeardLog, roundAt } from '../probing.ts'

/** Measures three times with the command given and prints what was logged: for tests that need another user. */
const log = createHeardLog()
const source = createPgbackrestSource({
  labelsFor: () => ({}),
  command: process.argv.slice(2),
  timeoutMs: 300,
  intervalMs: 1000,
  clock: systemClock,
  log,
})
for (const atMs of [0, 1000, 2000]) await source.measure(roundAt(atMs))
process.stdout.write(JSON.stringify(log.heard))
// The one that cannot be killed is not waited for.
process.exit()
