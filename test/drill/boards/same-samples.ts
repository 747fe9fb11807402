import { waitFor } from '../../../testbed/wait.ts'
import { ask } from './ask.ts'

/** What the collector itself writes: no agent pushes it to the other store. */
const ownSeries = '{__name__=~"ALERTS.*|pgherd_cluster_.*|pg_query_info|.+:.+"}'

/**
 * Gives the VictoriaMetrics what only the collector has, and waits until both have the same samples up to a time.
 * @param end seconds since the epoch
 */
export async function settleBoth(
  collector: string,
  victoria: string,
  end: number,
  seconds: number,
): Promise<void> {
  const parameters = new URLSearchParams({ 'match[]': ownSeries })
  const own = await fetch(`${collector}/api/v1/export?${parameters.toString()}`)
  const taken = await fetch(`${victoria}/api/v1/import`, { method: 'POST', body: await own.text() })
  if (!taken.ok) throw new Error(`VictoriaMetrics did not take the export: ${taken.status}`)
  const when = { start: end, end, step: 1 }
  const counted = [
    `sum by (job) (count_over_time(up[${seconds}s]))`,
    `sum by (job) (count_over_time(pgherd_agent_series[${seconds}s]))`,
    // NaN is no sample for a VictoriaMetrics, and an export does not tell that a recorded series has ended.
    'count by (job) ({job=~".+",__name__!~".+:.+"} > -1e300)',
    'count by (cls) ({__name__=~"ALERTS|pgherd_cluster_.+"})',
  ]
  let seen = ''
  await waitFor(
    'the same samples in both',
    async () => {
      await fetch(`${victoria}/internal/force_flush`)
      const of = async (url: string) =>
        new Map(
          (await Promise.all(counted.map((query) => ask(url, query, true, when)))).flatMap((one, i) =>
            [...one].map(([key, value]) => [`${i} ${key}`, value] as const),
          ),
        )
      const [ours, theirs] = await Promise.all([of(collector), of(victoria)])
      seen = JSON.stringify([[...ours], [...theirs]])
      return ours.size > 3 && [...ours].every(([key, count]) => theirs.get(key) === count)
    },
    { timeoutMs: 60_000, intervalMs: 2_000, explain: () => seen },
  )
}
