import { nothing } from './operation.ts'
import type { Operation } from './operation.ts'

const durable = nothing('Every sample is durable.')

const remoteWrite: Omit<Operation, 'path'> = {
  methods: ['POST'],
  mount: 'insert',
  what: 'Remote write 1.0 and 2.0 of Prometheus.',
  parameters: ['extra_label'],
  body: { 'application/x-protobuf': 'A WriteRequest, compressed with snappy or zstd.' },
  answer: durable,
}

/** What addInsertApi mounts. */
export const insertOperations: readonly Operation[] = [
  { path: '/api/v1/write', ...remoteWrite },
  { path: '/api/v1/push', ...remoteWrite },
  {
    path: '/api/v1/import',
    methods: ['POST', 'PUT'],
    mount: 'insert',
    what: 'Samples as JSON lines, as the export writes them.',
    parameters: ['extra_label'],
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
    parameters: ['extra_label'],
    body: { 'text/plain': 'A sample in each line.' },
    answer: path.endsWith('*') ? { what: 'Every sample is durable.' } : durable,
  })),
]
