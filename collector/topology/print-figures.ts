/** Bytes for people: `512 B`, `1.5 MiB`. */
export function printBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`
}

export function printSeconds(ms: number): string {
  const seconds = ms / 1000
  return `${seconds >= 100 ? Math.round(seconds) : Number(seconds.toFixed(1))} s`
}
