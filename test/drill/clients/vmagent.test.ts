import { describe, expect, test } from 'vitest'
import { queryCollector } from '../../../testbed/collector-api.ts'
import { hasVmProgram, startVmagent } from '../../../testbed/vm-programs.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startLab } from './lab.ts'

describe.skipIf(!hasVmProgram('vmagent'))('vmagent', () => {
  test.each(['', '/prometheus', '/insert/0/prometheus'])(
    'writes what it scraped under "%s", as it was on the page',
    async (prefix) => {
      const lab = await startLab()
      lab.use(
        await startVmagent({
          directory: `${lab.directory}/vmagent`,
          targets: [`127.0.0.1:${lab.collector.port}`],
          writeUrl: `${lab.collector.url}${prefix}/api/v1/write`,
        }),
      )
      const [up] = await lab.waitForSeries('up{job="drill"} == 1')
      expect(up!.metric['instance']).toBe(`127.0.0.1:${lab.collector.port}`)
      await lab.waitForSeries('pgherd_ingest_samples_total{job="drill"} > 0')
    },
  )

  test('keeps what it could not write while the collector was away, and loses none of it', async () => {
    const lab = await startLab()
    lab.use(
      await startVmagent({
        directory: `${lab.directory}/vmagent`,
        targets: ['127.0.0.1:9'],
        writeUrl: `${lab.collector.url}/api/v1/write`,
      }),
    )
    await lab.waitForSeries('up{job="drill"} == 0')
    await lab.collector.kill()
    const awayFromMs = Date.now()
    await waitFor('five scrapes went by', () => Date.now() > awayFromMs + 5_000, { timeoutMs: 10_000 })
    const backMs = Date.now()
    await lab.collector.start()
    // Several of its queues send at the same time, so what is new may come before what is old.
    const gaps = await waitFor(
      'the samples of the outage are there, without a gap',
      async () => {
        const [series] = await queryCollector(lab.collector.url, 'up{job="drill"}[1m]')
        const times = (series?.points ?? []).map(({ timestampMs }) => timestampMs)
        const gaps = times.slice(1).map((timeMs, i) => timeMs - times[i]!)
        const isWhole = times[0]! < awayFromMs && times.at(-1)! > backMs && Math.max(...gaps) < 1_500
        return isWhole ? gaps : undefined
      },
      { timeoutMs: 60_000, explain: () => lab.collector.logTail() },
    )
    expect(gaps.length).toBeGreaterThan(5)
  })
})
