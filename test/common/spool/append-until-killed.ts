import { systemClock } from '../../../common/clock.ts'
import { silentLog } from '../../../common/log.ts'
import { openSpool } from '../../../common/spool/spool.ts'

/**
 * Appends numbered records and reports each on standard output once it is acknowledged, until it is killed.
 * Arguments: the directory, and the first number.
 */
const [directory = '', first = '0'] = process.argv.slice(2)
const spool = await openSpool({
  directory,
  readers: ['main'],
  maxBytes: 1 << 28,
  maxAgeMs: 3_600_000,
  segmentBytes: 64 * 1024,
  clock: systemClock,
  log: silentLog,
})
for (let i = Number(first); ; i += 4) {
  await Promise.all(
    [i, i + 1, i + 2, i + 3].map(async (number) => {
      const payload = Buffer.from(`${number}:${'x'.repeat((number * 7919) % 4000)}`)
      await spool.append({ timestampMs: Date.now(), payload })
      process.stdout.write(`${number}\n`)
    }),
  )
}
