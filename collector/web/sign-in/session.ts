/** Where the token is kept: until the tab is closed, and for this collector only. */
const key = 'pgherd-token'

/** What the page shows of itself to the collector. */
export interface Session {
  /** Like the browser's, with the token of this tab. */
  readonly fetch: typeof globalThis.fetch
  /** Whether the collector wants a token, or another than the one it gets. */
  readonly isTokenNeeded: () => boolean
  /** Tells of each change of that. @returns ends it */
  onChange(listener: () => void): () => void
  /** Keeps the token if the collector takes it. @returns undefined, or why it does not, as a sentence */
  signIn(token: string): Promise<string | undefined>
  /** Whether requests carry one. */
  readonly hasToken: () => boolean
  /** Forgets it. What was answered to it is still in the page, which is to be loaded again. */
  signOut(): void
  /** Asks for a token although the collector wants none: to be somebody who may do more. False takes that back. */
  offer(isWanted: boolean): void
  /** Whether it was such an offer, so that one can go on without. */
  readonly isOffer: () => boolean
}

export function createSession(
  fetch: typeof globalThis.fetch,
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
): Session {
  const listeners = new Set<() => void>()
  let token = storage.getItem(key)
  let isNeeded = false
  let isOffer = false
  const change = (needed: boolean): void => {
    if (needed === isNeeded) return
    isNeeded = needed
    for (const listener of listeners) listener()
  }
  const send: typeof globalThis.fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    if (token !== null) headers.set('authorization', `Bearer ${token}`)
    return fetch(input, { ...init, headers })
  }
  return {
    async fetch(input, init) {
      const sent = token
      const response = await send(input, init)
      // An answer to an earlier token says nothing about the present one.
      if (response.status === 401 && sent === token) {
        isOffer = false
        change(true)
      }
      return response
    },
    isTokenNeeded: () => isNeeded,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async signIn(given) {
      const before = token
      token = given.trim()
      // What no token can contain, a header cannot either.
      if (!/^[\x21-\x7e]+$/.test(token)) {
        token = before
        return 'That is no token'
      }
      let response: Response
      try {
        response = await send('api/v1/status/buildinfo', { cache: 'no-store' })
      } catch {
        token = before
        return 'The collector cannot be reached'
      }
      if (!response.ok) {
        token = before
        return reasons[response.status] ?? `The collector answered HTTP ${response.status}`
      }
      storage.setItem(key, token)
      change(false)
      return undefined
    },
    hasToken: () => token !== null,
    signOut() {
      token = null
      storage.removeItem(key)
    },
    offer(isWanted) {
      isOffer = isWanted
      change(isWanted)
    },
    isOffer: () => isOffer,
  }
}

const reasons: Readonly<Record<number, string>> = {
  401: 'The collector does not know this token, or no longer',
  403: 'This token may not read',
  429: 'Too many attempts: wait a moment',
}
