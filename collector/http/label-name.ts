import { PgherdError } from '../../common/errors.ts'

/**
 * The label that a path names. Grafana writes names outside of the old alphabet escaped: `U__`, then `_2e_` for a
 * code point in hexadecimal and `__` for an underscore (Prometheus' "values" escaping scheme).
 * @returns undefined for an empty name or a broken escape
 */
export function unescapeLabelName(text: string): string | undefined {
  if (!text.startsWith('U__')) return text === '' ? undefined : text
  const escaped = text.slice('U__'.length)
  if (!/^(?:[^_]|__|_[0-9a-fA-F]{1,6}_)+$/.test(escaped)) return undefined
  const points = [...escaped.matchAll(/_([0-9a-fA-F]+)_/g)].map(([, digits]) => Number.parseInt(digits!, 16))
  if (points.some((point) => point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))) return undefined
  return escaped.replace(/_([0-9a-fA-F]*)_/g, (_all, digits: string) =>
    digits === '' ? '_' : String.fromCodePoint(Number.parseInt(digits, 16)),
  )
}

/** The error for a name that is none. */
export function invalidLabelName(text: string): PgherdError {
  return new PgherdError('BAD_REQUEST', `invalid label name: "${text.slice(0, 128)}"`)
}
