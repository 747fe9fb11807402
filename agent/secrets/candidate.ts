import type { DefaultPassword } from '../../common/insight/default-passwords.ts'
import type { KnownPassword } from '../../common/known-passwords/known-passwords.ts'

/** What was found, without the password. */
export function withoutPassword(
  { set, setting, user, service }: KnownPassword,
  address: string,
  as: string = service,
): DefaultPassword {
  return { service: as, address, user, set, setting }
}

/** What one service has shown. */
export interface Look {
  readonly found: readonly DefaultPassword[]
  /** Users of whom nothing could be said this time. */
  readonly open: readonly string[]
}

/** Wrong passwords that one service is given in one look; the rest of the list waits for the next one. */
export const maxRefusals = 6

/**
 * Tries logins one after the other until as many were refused as one look may cost.
 * @param attempt undefined where nothing was judged, which ends the look at this service; `passed-over` where only this user is not judged, which costs
 *   as much as a refusal, because a server may have logged it as one
 * @param turn the number of the look: with each the list begins further on
 */
export async function tryEach(
  candidates: readonly KnownPassword[],
  attempt: (one: KnownPassword) => Promise<boolean | 'passed-over' | undefined>,
  about: { readonly turn: number; readonly signal: AbortSignal },
): Promise<{ readonly found: readonly KnownPassword[]; readonly open: readonly string[] }> {
  const found: KnownPassword[] = []
  const passedOver: string[] = []
  const start = candidates.length <= maxRefusals ? 0 : (about.turn * maxRefusals) % candidates.length
  const order = [...candidates.slice(start), ...candidates.slice(0, start)]
  let refused = 0
  for (const [at, one] of order.entries()) {
    if (passedOver.includes(one.user) || found.some(({ user }) => user === one.user)) continue
    const accepted = about.signal.aborted || refused >= maxRefusals ? undefined : await attempt(one)
    if (accepted === undefined)
      return { found, open: [...passedOver, ...order.slice(at).map(({ user }) => user)] }
    if (accepted === true) found.push(one)
    else refused++
    if (accepted === 'passed-over') passedOver.push(one.user)
  }
  return { found, open: passedOver }
}
