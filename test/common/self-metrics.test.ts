import { expect, test } from 'vitest'
import { createSelfMetrics } from '../../common/self-metrics.ts'

test('figures are read at the moment they are asked for, counters as counters', async () => {
  let sent = 1
  const registry = createSelfMetrics([
    { name: 'pgherd_test_sent_total', help: 'Sent.', read: () => sent },
    { name: 'pgherd_test_bytes', help: 'Bytes.', label: 'kind', read: () => ({ log: 2, blocks: sent }) },
  ])
  await registry.metrics()
  sent = 5
  const text = await registry.metrics()
  expect(text).toContain('# TYPE pgherd_test_sent_total counter\npgherd_test_sent_total 5\n')
  expect(text).toContain('pgherd_test_bytes{kind="log"} 2\npgherd_test_bytes{kind="blocks"} 5\n')
  expect(text).toContain('process_resident_memory_bytes ')
})
