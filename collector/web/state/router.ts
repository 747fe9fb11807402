/** Where the reader is: one of the page's own addresses. */
export interface PageLocation {
  /** From the page's base on, with its slash: `/c/pg-main`. */
  readonly path: string
  readonly search: URLSearchParams
}

/** The addresses of a page below a base, and moving among them. */
export interface Router {
  /** The same object until the reader moves. */
  readonly here: () => PageLocation
  /**
   * Goes to `to`, which begins with `/` and is meant from the base on: `/d/pgherd-wal?var-cls=pg-main`. A step that the
   * Back button undoes, unless it replaces the present one.
   */
  navigate(to: string, options?: { readonly replace?: boolean }): void
  /** What leads to `to` as an href, and survives being copied. */
  link(to: string): string
  /** Which of the page's addresses a URL is, if it is one: `/alerts?x=1`. */
  own(url: URL): string | null
  /** Tells of each move. @returns ends it */
  onMove(listener: () => void): () => void
}

interface BrowserWindow {
  readonly location: Pick<Location, 'href'>
  readonly history: Pick<History, 'pushState' | 'replaceState'>
  addEventListener(type: 'popstate', listener: () => void): void
}

/** @param base absolute URL of the folder of the page's document, which ends with a slash */
export function createRouter(window: BrowserWindow, base: URL): Router {
  const listeners = new Set<() => void>()
  const own = (url: URL): string | null =>
    url.origin === base.origin && url.pathname.startsWith(base.pathname)
      ? `/${url.pathname.slice(base.pathname.length)}${url.search}`
      : null
  const read = (): PageLocation => {
    const url = new URL(window.location.href)
    return { path: (own(url) ?? '/').split('?', 1)[0] ?? '/', search: url.searchParams }
  }
  const link = (to: string): string => base.pathname + to.replace(/^\//, '')
  let current = read()
  const moved = (): void => {
    current = read()
    for (const listener of listeners) listener()
  }
  window.addEventListener('popstate', moved)
  return {
    here: () => current,
    link,
    own,
    navigate(to, { replace = false } = {}) {
      const target = link(to)
      if (replace) window.history.replaceState(null, '', target)
      else if (new URL(target, base).href !== window.location.href) window.history.pushState(null, '', target)
      moved()
    },
    onMove(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
