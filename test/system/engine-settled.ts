import { readMetrics } from '../../testbed/collector-api.ts'
import { waitFor } from '../../testbed/wait.ts'

/**
 * Until the engine has what was written and shows it. Whoever asks for a new series before that makes it remember for
 * ten seconds that there is none.
 */
export async function settled(collectorUrl: string, engineUrl: string): Promise<void> {
  await waitFor(
    'the buffer is empty',
    async () => (await readMetrics(`${collectorUrl}/metrics`)).get('pgherd_store_buffer_records') === 0,
  )
  await fetch(`${engineUrl}/internal/force_flush`)
}
