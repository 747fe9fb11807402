/** What a time daemon says of the clock; undefined where it says nothing. Times are in seconds. */
export interface ClockState {
  readonly daemon: 'chronyd' | 'ntpd' | 'systemd-timesyncd'
  /** Whom the daemon follows: an address, or the name of a reference clock; '' when nobody. */
  readonly reference?: string
  readonly isSynchronized: boolean
  /** True time minus the time of the clock: positive when the clock is behind. */
  readonly offset?: number | undefined
  readonly estimatedError?: number | undefined
  readonly maxError?: number | undefined
  /** By how much the daemon makes the clock faster: 1e-6 for one part per million. */
  readonly frequencyAdjustment?: number | undefined
  /** 16 when not synchronised. */
  readonly stratum?: number
  /** 0 none, 1 the last minute of the day has 61 seconds, 2 it has 59, 3 not synchronised (RFC 5905, figure 9). */
  readonly leap?: number
  readonly rootDelay?: number | undefined
  readonly rootDispersion?: number | undefined
}

/** Stratum of what is not synchronised; in packets it is 0 (RFC 5905, figure 11). */
export const unsynchronizedStratum = 16
/** The leap indicator of what is not synchronised. */
export const unsynchronizedLeap = 3

/**
 * A reference identifier as text. Up to stratum 1 it is the name of a clock in four characters, above it the IPv4
 * address of the server or a hash of its IPv6 address (RFC 5905, 7.3).
 */
export function referenceText(id: number, stratum: number): string {
  const bytes = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff]
  if (stratum > 1) return id === 0 ? '' : bytes.join('.')
  const name = String.fromCharCode(...bytes.filter((byte) => byte !== 0))
  return /^[\x21-\x7e]*$/.test(name) ? name : ''
}
