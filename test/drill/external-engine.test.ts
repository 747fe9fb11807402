import { test } from 'vitest'
import { hasVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { outageOfEngine } from '../system/engine-outage.ts'

test.skipIf(!hasVictoriaMetrics())(
  'the engine is away for a minute, the collector is killed five times meanwhile: nothing is lost, nothing doubled',
  async () => {
    await outageOfEngine({ outageMs: 60_000, collectorKills: 5 })
  },
)
