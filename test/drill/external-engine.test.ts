import { test } from 'vitest'
import { readMetrics } from '../../testbed/collector-api.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { waitFor } from '../../testbed/wait.ts'
import { outageOfEngine } from '../system/engine-outage.ts'
import { settled } from '../system/engine-settled.ts'
import { startHerd } from '../system/herd.ts'

test.skipIf(!hasVictoriaMetrics())(
  'the engine is away for a minute, the collector is killed five times meanwhile: nothing is lost, nothing doubled',
  async () => {
    await outageOfEngine({ outageMs: 60_000, collectorKills: 5 })
  },
)

test.skipIf(!hasVictoriaMetrics())(
  'the engine is killed and away for longer than sent bodies are kept: what it had in memory is sent again',
  async () => {
    await outageOfEngine({ outageMs: 25_000, collectorKills: 0 })
  },
)

test.skipIf(!hasVictoriaMetrics())(
  'the engine freezes for longer than a write is waited for, and is killed frozen: nothing is lost, nothing doubled',
  async () => {
    await outageOfEngine({ frozenMs: 40_000, outageMs: 1_000, collectorKills: 1 })
  },
)

test.skipIf(!hasVictoriaMetrics())(
  'the fleet is seen through a VictoriaMetrics as it is without',
  async () => {
    using home = createOwnDirectory({ prefix: 'pgherd-engine-' })
    await using engine = await startVictoriaMetrics(home.path)
    await using herd = await startHerd({
      collector: {
        'store.kind': 'victoriametrics',
        'store.victoriametrics.insert': [{ url: engine.url }],
        'rules.files': [],
      },
    })
    const { url } = herd.collector
    await waitFor(
      'samples',
      async () => ((await readMetrics(`${url}/metrics`)).get('pgherd_store_samples_total') ?? 0) > 0,
    )
    await settled(url, engine.url)
    await waitFor(
      'the node with what its samples say',
      async () => {
        const text = await (await fetch(`${url}/api/v1/nodes`)).text()
        return text.includes('"role":"primary"') && text.includes('"up":true')
      },
      { timeoutMs: 30_000 },
    )
  },
)
