import { createKeepalivedSource } from '../../../../agent/neighbours/keepalived/source.ts'
import { systemClock } from '../../../../common/clock.ts'
import { createHeardLog, roundAt } from '../probing.ts'
import { sampleMap } from '../exposition/samples-of.ts'

/** Measures once in the network namespace that it runs in, and prints what came of it as JSON. */
const [pidFile = '', vip = ''] = process.argv.slice(2)
const log = createHeardLog()
await using source = createKeepalivedSource({
  labelsFor: (job, port) => ({ job, instance: `10.0.0.1:${port}` }),
  pidFiles: [pidFile],
  vips: [vip],
  clock: systemClock,
  log,
})
const { up, tables } = await source.measure(roundAt(Date.now()))
process.stdout.write(JSON.stringify({ up, samples: [...sampleMap(tables)], heard: log.heard }))
