/** One alert as it is told; times are milliseconds since the epoch. */
export interface ToldAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  /** Undefined while it fires. */
  readonly endedAtMs: number | undefined
  readonly generatorUrl: string | undefined
}

/** What one message says: the alerts of a group that are new, still there or over. */
export interface Notification {
  readonly groupKey: string
  readonly groupLabels: Readonly<Record<string, string>>
  /** Those that fire first, each part by the time of its beginning. */
  readonly alerts: readonly ToldAlert[]
}

/** Somebody who is told. */
export interface NotifyTarget extends AsyncDisposable {
  /** For logs, metrics and people: without secrets. */
  readonly name: string
  /** What it is known by over restarts. */
  readonly key: string
  /** @throws PgherdError when it has not been taken; `retryAfterMs` in its details is what the other side asks for */
  send(notification: Notification, signal: AbortSignal): Promise<void>
}

/** Firing as long as one alert of it is. */
export function statusOf({ alerts }: Notification): 'firing' | 'resolved' {
  return alerts.some(({ endedAtMs }) => endedAtMs === undefined) ? 'firing' : 'resolved'
}

/** What all of them say alike. */
export function commonOf(
  maps: readonly Readonly<Record<string, string>>[],
): Readonly<Record<string, string>> {
  const [first = {}, ...others] = maps
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  )
}
