import { expect, test } from 'vitest'
import { prometheusLabelName, prometheusMetricName } from '../../../../collector/ingest/otlp/metric-name.ts'
import type { OtlpMetric } from '../../../../collector/ingest/otlp/model.ts'
import { decimalText } from '../../../../collector/ingest/otlp/point-samples.ts'

const gauge: OtlpMetric = {
  name: 'm',
  description: '',
  unit: '',
  kind: 'gauge',
  temporality: 0,
  isMonotonic: false,
  points: [],
}
const counter = { ...gauge, kind: 'sum', temporality: 2, isMonotonic: true } as const

test.each<[string, string, OtlpMetric, string]>([
  ['http.server.duration', 'ms', gauge, 'http_server_duration_milliseconds'],
  ['a..b--c', '', gauge, 'a_b_c'],
  ['with:colon', '', gauge, 'with:colon'],
  ['9lives', '', gauge, '_9lives'],
  ['used.bytes', 'By', gauge, 'used_bytes'],
  ['speed', 'km/h', gauge, 'speed_km_per_hour'],
  ['speed', '/s', gauge, 'speed_per_second'],
  ['requests', '{request}', counter, 'requests_total'],
  ['requests.total', '', counter, 'requests_total'],
  ['total.requests', '', counter, 'requests_total'],
  ['usage', '1', gauge, 'usage_ratio'],
  ['usage', '%', gauge, 'usage_percent'],
  ['usage', '1', counter, 'usage_total'],
  ['m', 'constructor', gauge, 'm_constructor'],
  ['..', 's', gauge, ''],
])('%s in "%s"', (name, unit, metric, expected) => {
  expect(prometheusMetricName({ ...metric, name, unit })).toBe(expected)
})

test.each([
  ['http.method', 'http_method'],
  ['1st', 'key_1st'],
  ['_own', 'key_own'],
  ['__own', '__own'],
  ['größe', 'gr__e'],
])('label %s', (key, expected) => {
  expect(prometheusLabelName(key)).toBe(expected)
})

test.each([
  [0.1, '0.1'],
  [5, '5'],
  [-2.5, '-2.5'],
  [1e21, '1000000000000000000000'],
  [1.5e22, '15000000000000000000000'],
  [1e-7, '0.0000001'],
  [1.25e-9, '0.00000000125'],
  [Infinity, '+Inf'],
])('%d is written %s', (value, expected) => {
  expect(decimalText(value)).toBe(expected)
})
