import { expect, test } from 'vitest'
import { writeVerdict } from '../../../../collector/store/victoriametrics/write-verdict.ts'

test.each([
  [204, '', 'stored'],
  [503, 'cannot store', 'retry'],
  [413, '', 'drop'],
  [400, 'cannot decompress snappy-encoded data with length 7: snappy: corrupt input', 'drop'],
  [400, 'cannot unmarshal prompb.WriteRequest with size 5 bytes', 'drop'],
  [400, 'unsupported path requested: "/insert/0/prometheus/api/v1/write"', 'hold'],
  [400, 'auth error: cannot parse accountID "9999999999"', 'hold'],
  [400, 'Client sent an HTTP request to an HTTPS server.', 'hold'],
  [400, '<html>400 The plain HTTP request was sent to HTTPS port</html>', 'hold'],
  [404, '', 'hold'],
] as const)('%i %s: %s', (status, text, verdict) => {
  expect(writeVerdict({ status, body: Buffer.from(text) })).toBe(verdict)
})
