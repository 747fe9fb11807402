import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { compileTemplate } from '../../../../collector/rules/template/template.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import { hasPromtool, promtool } from '../promtool.ts'

const labels = { ins: 'pg-main-1', cls: 'pg-main', instance: 'db1.example.org:5432' }

const numbers = [
  '0',
  '1',
  '-1',
  '0.5',
  '1e6',
  '999999',
  '123456789',
  '0.0001',
  '0.00001234',
  '1234.5',
  '1235.5',
  '12345',
  '1e21',
  '86399',
  '90061.7',
  '0.0123456',
  '1e-30',
  '1e30',
  '1048576',
  '1023',
  '1e12',
  'NaN',
  '+Inf',
  '-Inf',
  '59.99995',
]

const templates = [
  ...['humanize', 'humanize1024', 'humanizeDuration', 'humanizePercentage'].flatMap((name) =>
    // Go computes durations in 64 bits and overflows; that is not worth to be the same.
    numbers
      .filter((number) => name !== 'humanizeDuration' || Math.abs(Number(number)) < 1e18)
      .map((number) => `{{ "${number}" | ${name} }}`),
  ),
  ...['0', '1435065584.128', '1600000000.5', '1e9'].map((number) => `{{ "${number}" | humanizeTimestamp }}`),
  ...['0.25', '2.5', '1e6', '123456.789', '0.00001', '1e21', '5.0'].flatMap((number) =>
    ['%v', '%.1f', '%.0f', '%g', '%.3g', '%e', '%8.2f|', '%-8.2f|', '%+.1f', '%08.2f', '%d'].map(
      (format) => `{{ printf "${format}" ${number} }}`,
    ),
  ),
  '{{ $value }} {{ .Value | humanize }} {{ $labels.ins }} {{ .Labels.missing }}|',
  '{{ if gt $value 0.9 }}high{{ else if gt $value 0.5 }}mid{{ else }}low{{ end }}',
  'a {{- "b" -}} c {{/* d */}}e{{- /* f */ -}} g',
  '{{ range $k, $v := $labels }}{{ $k }}={{ $v }} {{ end }}',
  '{{ $x := 1 }}{{ range query "up" | sortByLabel "n" }}{{ $x = .Labels.n }}{{ .Value }},{{ end }}{{ $x }}',
  '{{ with query "none" }}{{ . | first | value }}{{ else }}nothing{{ end }}',
  '{{ with $y := query "up{n=\\"a\\"}" }}{{ $y | first | label "n" }}{{ end }}',
  '{{ len (query "up") }}{{ index $labels "cls" }}{{ (index (query "up{n=\\"b\\"}") 0).Value }}',
  '{{ title "down on db-1 it\'s" }} {{ toUpper "a" }} {{ toLower "B" }} {{ stripPort $labels.instance }}',
  '{{ match "^pg" $labels.ins }} {{ reReplaceAll "pg-(.*)-1" "<$1>" $labels.ins }}',
  '{{ and 1 0 }} {{ or "" "x" }} {{ not true }} {{ eq "a" "b" "a" }} {{ ne 1 2 }} {{ le 1.5 1.5 }}',
  '{{ print 1 2 "a" 3.5 }}|{{ println "x" true }}|{{ printf "%s %q %t %x %%" "s" "q" false 255 }}',
  '{{ printf "%d %s" 1 }} {{ printf "%d" "x" }} {{ printf "%s" 1.5 }} {{ printf "" 1 }}',
  '{{ 5 }} {{ -3 }} {{ 1.5e3 }} {{ true }} {{ `raw` }} {{ urlquery "a b&c/ü!" }}',
]

async function ours(template: string): Promise<string> {
  const up = [
    { labels: labelSet({ __name__: 'up', n: 'a' }), value: 1 },
    { labels: labelSet({ __name__: 'up', n: 'b' }), value: 2.5 },
  ]
  return compileTemplate(template).expand(
    {
      labels: labelSet({ __name__: 'measured', ...labels }),
      value: 0.95,
      externalLabels: {},
      externalUrl: '',
    },
    {
      query: (text) => {
        const only = /n="(\w)"/.exec(text)?.[1]
        if (text === 'none') return Promise.resolve([])
        return Promise.resolve(up.filter((sample) => only === undefined || sample.labels.at(-1) === only))
      },
      nowMs: 0,
      externalUrl: '',
    },
  )
}

test.skipIf(!hasPromtool)('every template becomes what Prometheus makes of it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-templates-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const rules = templates.map((template, i) => ({
    alert: `A${i}`,
    expr: 'measured',
    annotations: { text: template },
  }))
  const expected = await Promise.all(
    templates.map(async (template, i) => ({
      eval_time: '1m',
      alertname: `A${i}`,
      exp_alerts: [{ exp_labels: labels, exp_annotations: { text: await ours(template) } }],
    })),
  )
  writeFileSync(join(directory, 'rules.yaml'), stringify({ groups: [{ name: 'g', rules }] }))
  writeFileSync(
    join(directory, 'test.yaml'),
    stringify({
      rule_files: ['rules.yaml'],
      tests: [
        {
          interval: '1m',
          input_series: [
            {
              series: `measured{ins="${labels.ins}",cls="${labels.cls}",instance="${labels.instance}"}`,
              values: '0.95 0.95',
            },
            { series: 'up{n="a"}', values: '1 1' },
            { series: 'up{n="b"}', values: '2.5 2.5' },
          ],
          alert_rule_test: expected,
        },
      ],
    }),
  )
  const { status, said } = promtool('test', 'rules', join(directory, 'test.yaml'))
  expect(said).not.toContain('FAILED')
  expect(status).toBe(0)
})
