import type { WhoAmI } from '../../../common/wire/whoami.ts'
import type { Alert } from '../api/answers.ts'
import type { CollectorClient } from '../api/client.ts'
import type { Polled } from './use-polled.ts'
import type { Refresh } from './use-refresh.ts'

/** What every page gets. */
export interface PageContext {
  readonly client: CollectorClient
  readonly refresh: Refresh
  /** The collector's time as of the last refresh, milliseconds since the epoch. */
  readonly nowMs: number
  readonly alerts: Polled<readonly Alert[]>
  /** Null until the collector has said. */
  readonly me: WhoAmI | null
}

/** Whether to offer what only operators may do; the collector decides for itself. */
export function mayOperate(me: WhoAmI | null): boolean {
  return me?.role === 'operator' || me?.role === 'admin'
}
