/** Units of panels by what they mean, with their names in Grafana (packages/grafana-data/src/valueFormats/categories.ts). */
export const units = {
  count: 'short',
  number: 'none',
  ratio: 'percentunit',
  bytes: 'bytes',
  bytesPerSecond: 'Bps',
  seconds: 's',
  milliseconds: 'ms',
  perSecond: 'ops',
  iosPerSecond: 'iops',
  packetsPerSecond: 'pps',
  celsius: 'celsius',
  hertz: 'hertz',
  /** Of a time in milliseconds since the epoch. */
  ago: 'dateTimeFromNow',
  date: 'dateTimeAsIso',
  text: 'string',
} as const

export type Unit = keyof typeof units
