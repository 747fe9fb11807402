import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

/** Makes the store seal and merge all the time, and deletes; what was deleted must stay so. */
export interface Sweeper {
  /** Values of the label `round` whose deletion was acknowledged. */
  readonly deleted: ReadonlySet<string>
  stop(): Promise<void>
}

const pauseMs = 20

/**
 * Writes a series of its own into the windows that are written to, deletes it, which closes these windows, and starts
 * the maintenance: windows become blocks, several of them one, and whole days one more.
 */
export function startSweeper(url: () => string, times: () => readonly number[]): Sweeper {
  const deleted = new Set<string>()
  const stopping = new AbortController()
  const isRunning = (): boolean => !stopping.signal.aborted
  const post = async (path: string, body: string | URLSearchParams): Promise<boolean> => {
    try {
      const signal = AbortSignal.timeout(5_000)
      const answer = await fetch(`${url()}${path}`, { method: 'POST', body, signal })
      await answer.arrayBuffer()
      return answer.ok
    } catch {
      // The collector is being killed or started.
      return false
    }
  }
  const done = (async () => {
    for (let round = 0; isRunning(); round++) {
      const lines = times().map((time) => `drill_gone{round="${round}"} 1 ${time}\n`)
      const match = new URLSearchParams({ 'match[]': `drill_gone{round="${round}"}` })
      if (!(await post('/api/v1/import/prometheus', lines.join('')))) await sleep(pauseMs)
      else if (await post('/api/v1/admin/tsdb/delete_series', match)) deleted.add(String(round))
      await post('/internal/force_merge', '')
      await sleep(pauseMs)
    }
  })()
  return {
    deleted,
    async stop() {
      stopping.abort()
      await done
    },
  }
}

const answer = z.object({ data: z.array(z.record(z.string(), z.string())) })

/** Rounds whose series the store shows again although their deletion was acknowledged. */
export async function findReturned(url: string, { deleted }: Sweeper): Promise<string[]> {
  const query = new URLSearchParams({ 'match[]': 'drill_gone', start: '0' }).toString()
  const response = await fetch(`${url}/api/v1/series?${query}`)
  const { data } = answer.parse(await response.json())
  return data.map(({ round }) => round ?? '').filter((round) => deleted.has(round))
}
