import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { startCollector } from '../../testbed/pgherd.ts'
import { hasPrometheus, startPrometheus } from '../../testbed/prometheus.ts'
import { waitFor } from '../../testbed/wait.ts'

const rules = `
groups:
  - name: first
    interval: 1s
    limit: 1
    rules:
      - { record: 'one:sum', expr: vector(2), labels: { a: b } }
      - alert: Fires
        expr: one:sum > 1
        labels: { severity: WARN, twice: '{{ $value | humanize }}' }
        annotations: { summary: '{{ $labels.a | toUpper }} {{ printf "%.1f" $value }}' }
      - { alert: Pends, expr: vector(1), for: 1h, keep_firing_for: 5m }
      - { alert: Rests, expr: vector(1) > 2, for: 90s }
  - name: second
    interval: 1s
    limit: 1
    rules:
      - { alert: TooMany, expr: 'label_replace(vector(1), "x", "1", "", "") or vector(1)' }
      - { alert: Reads, expr: 'ALERTS{alertname="Fires",alertstate="firing"}' }
`

// Expressions are told as they are written, by Prometheus as it prints them: here both are the same.

/** What differs from one evaluation to the next is only there. */
const volatile = new Set(['evaluationTime', 'lastEvaluation', 'activeAt', 'file'])
const body = z.object({ status: z.literal('success'), data: z.unknown() })
const vector = z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) })

async function look(url: string) {
  const ask = async (path: string): Promise<unknown> =>
    body.parse(await (await fetch(`${url}${path}`)).json()).data
  const query = encodeURIComponent('{__name__=~"ALERTS.*|one:sum"}')
  const series = vector.parse(await ask(`/api/v1/query?query=${query}`)).result
  const told: unknown = JSON.parse(
    JSON.stringify([await ask('/api/v1/rules'), await ask('/api/v1/alerts')], (key, value: unknown) =>
      volatile.has(key) ? typeof value : value,
    ),
  )
  return { told, series: series.map(({ metric }) => JSON.stringify(metric)).sort() }
}

test.skipIf(!hasPrometheus())(
  'rules, alerts and what they leave in the store are told word for word as by a real Prometheus',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-rules-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const file = join(directory, 'rules.yaml')
    writeFileSync(file, rules)
    await using prometheus = await startPrometheus(join(directory, 'prometheus'), {
      config: `rule_files: [${file}]\n`,
    })
    await using collector = await startCollector({
      directory: join(directory, 'collector'),
      extraConfig: { 'rules.files': [file] },
    })
    // ALERTS of five alerts, of which two fire, one is pending, and with each its time.
    const settled = async (url: string) => {
      const found = await look(url)
      return found.series.length === 7 ? found : undefined
    }
    const [theirs, ours] = await Promise.all(
      [prometheus.url, collector.url].map((url) =>
        waitFor(`the rules of ${url} were evaluated`, () => settled(url), {
          timeoutMs: 30_000,
          intervalMs: 200,
        }),
      ),
    )
    expect(ours).toEqual(theirs)
    expect(JSON.stringify(theirs)).toContain('exceeded limit of 1 with 2 alerts')
  },
)
