import { json, nothing } from './operation.ts'
import type { Operation } from './operation.ts'

const durable = nothing('Every sample is durable.')

const remoteWrite: Omit<Operation, 'path'> = {
  methods: ['POST'],
  mount: 'insert',
  what: 'Remote write 1.0 and 2.0 of Prometheus.',
  parameters: ['added label'],
  body: { 'application/x-protobuf': 'A WriteRequest, compressed with snappy or zstd.' },
  answer: durable,
}

const otlp: Omit<Operation, 'path' | 'mount'> = {
  methods: ['POST'],
  what: 'OTLP metrics.',
  parameters: ['added label'],
  body: {
    'application/x-protobuf': 'An ExportMetricsServiceRequest.',
    'application/json': 'The same in JSON.',
  },
  answer: json('Every sample is durable but those that partialSuccess names.'),
}

/** What addInsertApi and addForeignInsertApi mount. */
export const insertOperations: readonly Operation[] = [
  { path: '/api/v1/write', ...remoteWrite },
  { path: '/api/v1/push', ...remoteWrite },
  {
    path: '/api/v1/import',
    methods: ['POST', 'PUT'],
    mount: 'insert',
    what: 'Samples as JSON lines, as the export writes them.',
    parameters: ['added label'],
    body: { 'application/stream+json': 'A series in each line.' },
    answer: durable,
  },
  ...['/api/v1/import/prometheus', '/api/v1/import/prometheus/*'].map((path): Operation => ({
    path,
    methods: ['POST', 'PUT'],
    mount: 'insert',
    what: path.endsWith('*')
      ? 'The same, with labels in the path as a push gateway takes them: metrics/job/NAME and so on; answers 200.'
      : 'Samples in the text format of Prometheus or OpenMetrics.',
    parameters: ['sample time', 'added label'],
    body: { 'text/plain': 'A sample in each line.' },
    answer: path.endsWith('*') ? { what: 'Every sample is durable.' } : durable,
  })),
  {
    path: '/api/v1/import/native',
    methods: ['POST', 'PUT'],
    mount: 'insert',
    what: 'Samples as VictoriaMetrics and /api/v1/export/native export them.',
    parameters: ['added label'],
    body: { 'application/octet-stream': 'Blocks of samples.' },
    answer: durable,
  },
  {
    path: '/api/v1/import/csv',
    methods: ['POST', 'PUT'],
    mount: 'insert',
    what: 'Samples in columns.',
    parameters: ['csv format', 'added label'],
    body: { 'text/csv': 'One time in each line.' },
    answer: durable,
  },
  { path: '/api/v1/otlp/v1/metrics', mount: 'insert', ...otlp },
  { path: '/opentelemetry/v1/metrics', mount: 'foreignInsert', ...otlp },
  { path: '/opentelemetry/api/v1/push', mount: 'foreignInsert', ...otlp },
  ...['/write', '/influx/write', '/api/v2/write', '/influx/api/v2/write'].map((path): Operation => ({
    path,
    methods: ['POST', 'PUT'],
    mount: 'foreignInsert',
    what: "Samples in InfluxDB's line protocol.",
    parameters: ['db', 'precision', 'added label'],
    body: { 'text/plain': 'The fields of one time in each line.' },
    answer: durable,
  })),
  ...['/query', '/influx/query'].map((path): Operation => ({
    path,
    methods: ['GET', 'POST'],
    mount: 'foreignInsert',
    what: 'For clients of InfluxDB: every question is answered as SHOW DATABASES.',
    answer: json('The database that was named.'),
  })),
  ...['/ping', '/influx/ping'].map((path): Operation => ({
    path,
    methods: ['GET', 'POST'],
    mount: 'foreignInsert',
    what: 'For clients of InfluxDB: that there is somebody.',
    answer: nothing('There is.'),
  })),
  {
    path: '/influx/health',
    methods: ['GET'],
    mount: 'foreignInsert',
    what: 'For clients of InfluxDB 2: that there is somebody.',
    answer: json('There is.'),
  },
]
