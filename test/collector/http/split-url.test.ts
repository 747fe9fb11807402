import { expect, test } from 'vitest'
import { splitUrl } from '../../../collector/http/split-url.ts'

test.each([
  ['/api/v1/query?query=1', '', '/api/v1/query?query=1'],
  ['/prometheus/api/v1/query', '/prometheus', '/api/v1/query'],
  ['/select/0/prometheus/api/v1/query', '/select/0/prometheus', '/api/v1/query'],
  ['/select/0%3A0/prometheus/api/v1/query', '/select/0:0/prometheus', '/api/v1/query'],
  ['/insert/0/prometheus/api/v1/write', '/insert/0/prometheus', '/api/v1/write'],
  ['/insert/0/influx/write', '/insert/0', '/influx/write'],
  ['/insert/0/prometheus/select/0/prometheus/x', '/insert/0/prometheus', '/select/0/prometheus/x'],
  ['http://any.example/prometheus/api/v1/query', '/prometheus', '/api/v1/query'],
  ['/prometheusx/y', '', '/prometheusx/y'],
  ['/prometheus?x', '', '/prometheus?x'],
  ['/select/0:9/prometheus/x', '', '/select/0:9/prometheus/x'],
  ['/x?y=/prometheus/z', '', '/x?y=/prometheus/z'],
  ['*', '', '*'],
])('%s', (url, prefix, rest) => {
  expect(splitUrl(url)).toEqual({ prefix, rest })
})
