import type { Ingest } from '../../../../collector/ingest/ingest.ts'
import type { ImportFormat } from '../../../../collector/ingest/import/formats.ts'

/** Imports a text as one body. */
export function linesInto(
  ingest: Ingest,
  format: ImportFormat,
  text: string,
  options: { readonly query?: string; readonly contentType?: string } = {},
): ReturnType<Ingest['importLines']> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(text))
  }
  return ingest.importLines(format, body(), {
    parameters: new URLSearchParams(options.query),
    contentType: options.contentType,
    contentEncoding: undefined,
  })
}
