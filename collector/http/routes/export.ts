import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import type { SeriesSamples } from '../../../common/series/samples.ts'
import type { ApiContext } from '../api-context.ts'
import { takeExportPlace } from '../ask-store.ts'
import { clientGone } from '../client-gone.ts'
import { nativeBlocks } from '../export-native.ts'
import { csvLines, parseCsvFormat } from '../export-csv.ts'
import { jsonLines, matrixDocument, prometheusLines } from '../export-lines.ts'
import { invalidParameter, readInteger, readParameters } from '../request-parameters.ts'
import type { RequestParameters } from '../request-parameters.ts'
import { requireAdministration } from '../require-store.ts'
import { sendStream } from '../send-chunks.ts'
import { readSeriesParameters } from '../series-parameters.ts'

/** A line of JSON is a megabyte at most, however many samples a piece of a series has. */
const mostRows = 50_000

/**
 * GET and POST /api/v1/export, /api/v1/export/csv and /api/v1/export/native: raw samples, read and sent at the pace of the reader; without a
 * time all of them.
 */
export function addExport(scope: FastifyInstance, context: ApiContext): void {
  const lines = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const parameters = readParameters(request)
    const format = parameters.one('format')
    const maxRows = readInteger(parameters, 'max_rows_per_line', { min: 0, max: 1e9, fallback: 0 })
    const pieces = selected(parameters, reply, context)
    await takeExportPlace(context, reply)
    switch (format) {
      case undefined:
        return sendStream(
          reply,
          jsonLines(pieces, Math.min(maxRows === 0 ? mostRows : maxRows, mostRows)),
          'application/stream+json',
        )
      case 'prometheus':
        return sendStream(reply, prometheusLines(pieces), 'text/plain; version=0.0.4; charset=utf-8')
      case 'promapi':
        return sendStream(reply, matrixDocument(pieces), 'application/json')
      default:
        throw invalidParameter(
          'format',
          `unknown format "${format.slice(0, 64)}"; known: prometheus, promapi`,
        )
    }
  }
  const csv = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const parameters = readParameters(request)
    const format = parameters.one('format')
    if (format === undefined) {
      throw invalidParameter(
        'format',
        'it is required, for example __name__,job,__value__,__timestamp__:unix_s',
      )
    }
    const columns = parseCsvFormat(format)
    const pieces = selected(parameters, reply, context)
    await takeExportPlace(context, reply)
    return sendStream(reply, csvLines(pieces, columns), 'text/csv')
  }
  const native = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const parameters = readParameters(request)
    const { fromMs, toMs } = readSeriesParameters(parameters, context)
    const pieces = selected(parameters, reply, context)
    await takeExportPlace(context, reply)
    return sendStream(reply, nativeBlocks(pieces, fromMs, toMs), 'VictoriaMetrics/native')
  }
  scope.get('/api/v1/export', lines)
  scope.post('/api/v1/export', lines)
  scope.get('/api/v1/export/csv', csv)
  scope.post('/api/v1/export/csv', csv)
  scope.get('/api/v1/export/native', native)
  scope.post('/api/v1/export/native', native)
}

/** @throws PgherdError BAD_REQUEST without a selector, NOT_SUPPORTED */
function selected(
  parameters: RequestParameters,
  reply: FastifyReply,
  context: ApiContext,
): AsyncIterable<SeriesSamples> {
  const { asked, selectors, fromMs, toMs } = readSeriesParameters(parameters, context)
  if (asked.length === 0) throw new PgherdError('BAD_REQUEST', 'no match[] parameter provided')
  const pieces = requireAdministration(context.deps).exportSeries(selectors, fromMs, toMs, clientGone(reply))
  return watched(pieces, context)
}

/** Once the answer has begun, its client learns from the connection alone that it broke: the log has to say why. */
async function* watched(
  pieces: AsyncIterable<SeriesSamples>,
  { deps }: ApiContext,
): AsyncGenerator<SeriesSamples, void, undefined> {
  try {
    yield* pieces
  } catch (error) {
    const isCancelled = error instanceof PgherdError && error.code === 'CANCELLED'
    if (!isCancelled) deps.log.warn({ err: error }, 'an export failed')
    throw error
  }
}
