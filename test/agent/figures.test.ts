import { expect, test } from 'vitest'
import { membershipFigures } from '../../agent/figures.ts'
import { createSelfMetrics } from '../../common/self-metrics.ts'

const name = 'pgherd_agent_certificate_expiry_timestamp_seconds'

test("the end of the agent's certificate is told as it is after a renewal", async () => {
  let validToMs = 1_800_000_000_000
  const registry = createSelfMetrics(membershipFigures({ validToMs: () => validToMs }))
  validToMs += 86_400_000
  expect(await registry.metrics()).toContain(`\n${name} 1800086400\n`)
})

test('an agent that has not joined has no certificate that could end', async () => {
  const registry = createSelfMetrics(membershipFigures({ validToMs: () => undefined }))
  expect(await registry.metrics()).not.toContain(name)
})
