import { expect, test } from 'vitest'
import { readPushgatewayPath } from '../../../collector/http/pushgateway-path.ts'

test.each([
  ['metrics/job/some', { job: 'some' }],
  ['metrics/job/some/', { job: 'some' }],
  ['metrics/job/some/instance/a%2Fb', { job: 'some', instance: 'a/b' }],
  ['metrics/job@base64/c29tZS9vdGhlcg', { job: 'some/other' }],
  ['metrics/job@base64/c29tZS9vdGhlcg==', { job: 'some/other' }],
  ['metrics/job/j/path@base64/L3Zhci90bXA', { job: 'j', path: '/var/tmp' }],
  ['metrics/job/j/instance@base64/=', { job: 'j', instance: '' }],
  ['metrics/job/j/name/', { job: 'j', name: '' }],
])('%s', (path, labels) => {
  expect(Object.fromEntries(readPushgatewayPath(path))).toEqual(labels)
})

test.each([
  ['metrics', 404],
  ['metrics/instance/x', 404],
  ['other/job/x', 404],
  ['metrics/job', 400],
  ['metrics/job/j/instance', 400],
  ['metrics/job/%ff', 400],
  ['metrics/job@base64/a b', 400],
  ['metrics/job@base64/=', 400],
])('%s is refused with %d', (path, status) => {
  expect(() => readPushgatewayPath(path)).toThrow(expect.objectContaining({ status }) as Error)
})
