import { expect, test } from 'vitest'
import { engineError } from '../../../../collector/store/victoriametrics/engine-error.ts'

const json = (error: string) => JSON.stringify({ status: 'error', errorType: '422', error })
const during = (query: string) =>
  `error when executing query=${JSON.stringify(query)} for (time=1795728128000, step=300000): `

test.each([
  [
    422,
    json(`${during('foo bar')}unparsed data left: "bar"`),
    'QUERY_INVALID',
    'VictoriaMetrics: unparsed data left: "bar"',
  ],
  [
    422,
    json(`${during('a{b="x) for ("} ==')}unexpected end`),
    'QUERY_INVALID',
    'VictoriaMetrics: unexpected end',
  ],
  [
    422,
    json(`${during('rate(a)')}cannot evaluate "rate(a)": unexpected number of args`),
    'QUERY_FAILED',
    'VictoriaMetrics: cannot evaluate "rate(a)": unexpected number of args',
  ],
  [
    422,
    json(
      'error when executing query="a" on the time range (start=0, end=1, step=1): too many points for the given step=1; cannot exceed -search.maxPointsPerTimeseries=30000',
    ),
    'QUERY_LIMIT',
    'VictoriaMetrics: too many points for the given step=1; cannot exceed -search.maxPointsPerTimeseries=30000',
  ],
  [
    503,
    json('timeout exceeded during the query'),
    'TIMED_OUT',
    'VictoriaMetrics: timeout exceeded during the query',
  ],
  [
    503,
    json('cannot fetch data from vmstorage nodes'),
    'UNREACHABLE',
    'VictoriaMetrics: cannot fetch data from vmstorage nodes',
  ],
  [
    429,
    'couldn’t start executing the request',
    'OVERLOADED',
    'VictoriaMetrics: couldn’t start executing the request',
  ],
  [
    503,
    'remoteAddr: "127.0.0.1:37406"; requestURI: /api/v1/query?nocache=1&query=big; cannot handle more than 4 concurrent search requests during 10s',
    'OVERLOADED',
    'VictoriaMetrics: cannot handle more than 4 concurrent search requests during 10s',
  ],
  [401, '', 'UNREACHABLE', "VictoriaMetrics refuses the collector's credentials (401)"],
  [502, '<html>', 'UNREACHABLE', 'VictoriaMetrics: <html>'],
  [
    400,
    '<html>400 Bad Request</html>',
    'UNREACHABLE',
    'what answers for VictoriaMetrics is another server (VictoriaMetrics: <html>400 Bad Request</html>)',
  ],
  [
    204,
    '',
    'UNREACHABLE',
    'what answers for VictoriaMetrics is another server (VictoriaMetrics: status 204)',
  ],
  [
    400,
    'unsupported path requested: "/select/0/prometheus/api/v1/query"',
    'UNREACHABLE',
    'what answers for VictoriaMetrics does not know this path (400); check the URLs and the tenant',
  ],
] as const)('status %i, %s', (status, body, code, message) => {
  expect(engineError(status, Buffer.from(body))).toMatchObject({ code, message })
})
