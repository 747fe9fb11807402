import { systemClock } from '../../common/clock.ts'
import { createTracing } from '../../common/tracing.ts'

/** Makes spans for an endpoint that hangs, and ends; the test looks at how long that takes. Argument: the endpoint. */
const tracing = await createTracing({
  endpoint: process.argv[2],
  service: 'pgherd-agent',
  instance: 'test',
  clock: systemClock,
  flushMs: 300,
})
for (let i = 0; i < 3000; i++) await tracing.tracer.span('work', { i }, () => Promise.resolve())
process.stdout.write('worked\n')
await tracing[Symbol.asyncDispose]()
process.stdout.write('ended\n')
