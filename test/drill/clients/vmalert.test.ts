import { describe, expect, test } from 'vitest'
import { hasVmProgram, startVmalert } from '../../../testbed/vm-programs.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { jsonLine, post, startLab } from './lab.ts'
import type { Lab } from './lab.ts'

const rules = `
groups:
- name: drill
  interval: 1s
  rules:
  - record: job:load:sum
    expr: sum by (job) (load)
  - alert: LoadHigh
    expr: job:load:sum > 5
    for: 3s
    labels: { severity: warning }
`

async function writeLoad(lab: Lab, value: number): Promise<void> {
  const now = Date.now()
  const samples = Array.from({ length: 200 }, (_, i) => [now + (i - 100) * 1000, value] as const)
  await post(`${lab.collector.url}/api/v1/import`, jsonLine({ __name__: 'load', job: 'drill' }, samples))
}

async function activeSince(lab: Lab): Promise<number> {
  const [state] = await lab.waitForSeries('ALERTS_FOR_STATE{alertname="LoadHigh"}')
  return state!.points[0]!.value
}

describe.skipIf(!hasVmProgram('vmalert'))('vmalert', () => {
  test('asks, records and alerts on the collector', async () => {
    const lab = await startLab()
    await writeLoad(lab, 7)
    lab.use(await startVmalert({ directory: `${lab.directory}/vmalert`, rules, url: lab.collector.url }))
    const [sum] = await lab.waitForSeries('job:load:sum')
    expect(sum!.points[0]!.value).toBe(7)
    const [alert] = await lab.waitForSeries('ALERTS{alertname="LoadHigh",alertstate="firing"}')
    expect(alert!.metric).toMatchObject({ job: 'drill', severity: 'warning', alertgroup: 'drill' })
  })

  test('restores an alert from the collector after a restart', async () => {
    const lab = await startLab()
    await writeLoad(lab, 7)
    const options = { directory: `${lab.directory}/vmalert`, rules, url: lab.collector.url }
    const first = await startVmalert(options)
    const since = await activeSince(lab)
    await lab.waitForSeries('ALERTS{alertname="LoadHigh",alertstate="firing"}')
    await first[Symbol.asyncDispose]()
    const stoppedMs = Date.now()
    lab.use(await startVmalert(options))
    // What it writes before it has restored is an alert that has just begun.
    let last: { timestampMs: number; value: number } | undefined
    await waitFor(
      'the second one to write that the alert began when the first one saw it',
      async () => {
        const [state] = await lab.query('ALERTS_FOR_STATE{alertname="LoadHigh"}[30s]')
        last = state?.points.at(-1)
        return last !== undefined && last.timestampMs > stoppedMs && last.value === since
      },
      { timeoutMs: 20_000, explain: () => `${JSON.stringify(last)}, and it was ${since}` },
    )
  })
})
