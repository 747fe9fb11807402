import { promisify } from 'node:util'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { compress } from 'snappyjs'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { joinSamples } from '../../../common/series/join-samples.ts'
import { compareLabelSets, labelKey } from '../../../common/series/label-set.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import { decodeReadRequest } from '../../../common/wire/remote-read-decode.ts'
import type { ReadQuery } from '../../../common/wire/remote-read-decode.ts'
import { bytesField, encodeTimeSeries } from '../../../common/wire/time-series-encode.ts'
import { uncompressSnappy } from '../../../common/wire/snappy-uncompress.ts'
import { samplesPerSeries } from '../answer-query.ts'
import type { ApiContext } from '../api-context.ts'
import { askStore } from '../ask-store.ts'
import { namedScope } from '../named-scope.ts'
import { requireAdministration } from '../require-store.ts'

const turn = promisify(setImmediate)

/** Series between two turns of others. */
const seriesPerTurn = 256

/**
 * POST /api/v1/read: Prometheus' remote read 1.0. The answer is always of the type SAMPLES, which every client takes;
 * a client's preference for streamed chunks is only that.
 * @see https://prometheus.io/docs/specs/prw/remote_read_api/
 */
export function addRead(app: FastifyInstance, context: ApiContext): void {
  const { limits, budget } = context
  const plugin = namedScope('read', (scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: limits.queryBodyBytes },
      (_request, body, parsed) => parsed(null, body),
    )
    // Prometheus shows the text of an error as it is.
    scope.setErrorHandler((error, _request, reply) => {
      if (error instanceof PgherdError && error.code !== 'INTERNAL') {
        const status = error.code === 'QUERY_LIMIT' || error.code === 'QUERY_INVALID' ? 400 : error.status
        return reply
          .code(status)
          .type('text/plain')
          .send(`${messageOf(error)}\n`)
      }
      throw error
    })
    scope.post('/api/v1/read', async (request: FastifyRequest, reply: FastifyReply) => {
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0)
      const { queries } = decodeReadRequest(uncompressSnappy(body, limits.queryBodyBytes * 4))
      const answer = await askStore(context, reply, (signal) => readAll(queries, context, signal))
      budget.take(reply, answer.weight)
      return reply
        .type('application/x-protobuf')
        .header('content-encoding', 'snappy')
        .send(Buffer.from(compress(answer.bytes)))
    })
    done()
  })
  app.register(plugin)
}

async function readAll(
  queries: readonly ReadQuery[],
  { deps, limits }: ApiContext,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly weight: number }> {
  const results: Uint8Array[] = []
  let weight = 0
  for (const { fromMs, toMs, matchers } of queries) {
    const series = new Map<string, SeriesSamples[]>()
    for await (const piece of requireAdministration(deps).exportSeries([matchers], fromMs, toMs, signal)) {
      const key = labelKey(piece.labels)
      const pieces = series.get(key)
      weight += piece.timestamps.length + (pieces === undefined ? samplesPerSeries : 0)
      if (weight > limits.remoteReadSamples) {
        throw new PgherdError('QUERY_LIMIT', `exceeded sample limit (${limits.remoteReadSamples})`)
      }
      if (pieces === undefined) series.set(key, [piece])
      else pieces.push(piece)
    }
    const sorted = [...series.values()].sort((a, b) => compareLabelSets(a[0]!.labels, b[0]!.labels))
    const encoded: Uint8Array[] = []
    for (const [i, pieces] of sorted.entries()) {
      encoded.push(bytesField(1, encodeTimeSeries(joinSamples(pieces))))
      if (i % seriesPerTurn === seriesPerTurn - 1) await turn()
    }
    results.push(bytesField(1, Buffer.concat(encoded)))
  }
  return { bytes: Buffer.concat(results), weight }
}
