import { useEffect, useState } from 'preact/hooks'
import { createRouter } from './router.ts'
import type { PageLocation, Router } from './router.ts'

/** The router of this document; its base is where the collector put it, whatever proxies are before it. */
const router = createRouter(window, new URL(baseOf(document), document.baseURI))

function baseOf(page: Document): string {
  // The server writes it for each address: see collector/http/routes/web-page.ts.
  return page.querySelector<HTMLMetaElement>('meta[name=base]')?.content ?? './'
}

// A relative address is looked up anew whenever the document's own changes.
for (const icon of document.querySelectorAll<HTMLLinkElement>('link[rel=icon]')) {
  icon.setAttribute('href', icon.href)
}

/** Goes to one of the page's addresses: see Router. */
export const navigate: Router['navigate'] = (to, options) => router.navigate(to, options)

/** The href of one of the page's addresses: see Router. Plain clicks on it stay within the document. */
export const link: Router['link'] = (to) => router.link(to)

/** The URL of something of the collector's API, such as `api/v1/nodes`. */
export function apiUrl(path: string): string {
  return router.link(path)
}

/** Where the reader is; what uses it is drawn anew on each move. */
export function useLocation(): PageLocation {
  const [here, setHere] = useState(router.here)
  useEffect(() => {
    const follow = (): void => setHere(router.here())
    follow()
    return router.onMove(follow)
  }, [])
  return here
}

/**
 * Keeps clicks on links to the page's own addresses within the document; those that ask for a new tab or a download
 * stay the browser's. @returns ends it
 */
export function followLinks(page: Document): () => void {
  const click = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const anchor = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null
    if (anchor === null || anchor.target !== '' || anchor.hasAttribute('download')) return
    const url = new URL(anchor.href)
    const to = url.hash === '' ? router.own(url) : null
    if (to === null || isFile(to)) return
    event.preventDefault()
    router.navigate(to)
  }
  page.addEventListener('click', click)
  return () => page.removeEventListener('click', click)
}

/** What lies under the base and is no address of the page: the API, and files beside it. */
function isFile(to: string): boolean {
  return /^\/(?:api|assets|dashboards|metrics)(?:\/|$)/.test(to)
}
