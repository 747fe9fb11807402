import { expect, test, vi } from 'vitest'
import { openTransport } from '../../agent/transport.ts'
import { systemClock } from '../../common/clock.ts'
import { silentLog } from '../../common/log.ts'
import { noTracer } from '../../common/tracer.ts'
import { bodyOf, startReceiver } from '../common/push/remote-write-receiver.ts'
import { canMount, mountDisk } from '../common/spool/small-disk.ts'

test.skipIf(!canMount)('while the disk is full a destination within reach misses nothing', async () => {
  const disk = mountDisk()
  const receiver = await startReceiver()
  const config = {
    'collector.url': `http://127.0.0.1:${receiver.port}`,
    'collector.order': 'oldest',
    destinations: [],
    'scrape.interval': 1000,
    'spool.directory': disk.spool,
    'spool.max_bytes': 1 << 20,
    'spool.max_age': 3_600_000,
  } as const
  await using transport = await openTransport(config, {
    clock: systemClock,
    log: silentLog,
    tracer: noTracer,
  })
  const end = new AbortController()
  const running = transport.run(end.signal)
  disk.fill()
  const startMs = Date.now()
  const times = Array.from({ length: 20 }, (_, i) => startMs + i)
  for (const time of times) await transport.append(bodyOf(time, 'up'))
  await vi.waitFor(() => expect(receiver.taken()).toEqual(times.map((time) => `up@${time}`)))
  expect(transport.spool()).toMatchObject({ appendedRecords: 0, refused: { records: 20 } })
  disk.empty()
  await transport.append(bodyOf(startMs + 20, 'up'))
  await vi.waitFor(() => expect(receiver.taken()).toHaveLength(21))
  expect(transport.spool().appendedRecords).toBe(1)
  end.abort()
  await running
})
