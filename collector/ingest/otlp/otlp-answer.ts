import type { OtlpContentType } from '../content-type.ts'
import type { OtlpRefusals } from './import-otlp.ts'

/** The body of an answer and its type, which is that of the request. */
export interface OtlpAnswer {
  readonly contentType: OtlpContentType
  readonly body: Uint8Array
}

/** An ExportMetricsServiceResponse; with a partial_success when points were refused. */
export function answerOtlp(contentType: OtlpContentType, { points, reasons }: OtlpRefusals): OtlpAnswer {
  const message = [...reasons].map(([reason, count]) => `${reason}: ${count} points`).join('; ')
  if (contentType === 'application/json') {
    const partial = { partialSuccess: { rejectedDataPoints: String(points), errorMessage: message } }
    return { contentType, body: Buffer.from(JSON.stringify(reasons.size === 0 ? {} : partial)) }
  }
  if (reasons.size === 0) return { contentType, body: new Uint8Array(0) }
  // collector/metrics/v1: partial_success = 1 { int64 rejected_data_points = 1, string error_message = 2 }
  const text = Buffer.from(message)
  const partial = [0x08, ...varint(points), 0x12, ...varint(text.length), ...text]
  return { contentType, body: Uint8Array.from([0x0a, ...varint(partial.length), ...partial]) }
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  return [...bytes, rest]
}
