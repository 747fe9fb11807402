/** Where a link leads: within the page, or elsewhere. Null for what is no address that a page may lead to. */
export type Destination =
  { readonly kind: 'here'; readonly path: string } | { readonly kind: 'elsewhere'; readonly url: string }

/** `/d/...` is one of the page's own addresses, as Grafana writes them; other schemes than http and https lead nowhere. */
export function destinationOf(address: string): Destination | null {
  // Browsers take these out of an address wherever they stand, so that `/<tab>/x` would be the host x.
  const text = address.replace(/[\t\n\r]/g, '').trim()
  if (/^\/(?![/\\])/.test(text)) return { kind: 'here', path: text }
  if (/^(?:d|c|explore|alerts|commands|backups|tuning)(?:[/?]|$)/.test(text)) {
    return { kind: 'here', path: `/${text}` }
  }
  if (/^https?:\/\/[^\s]+$/i.test(text) && URL.canParse(text)) return { kind: 'elsewhere', url: text }
  return null
}

/** An address with more parameters, `a=1&b=2`, in front of its fragment. */
export function withParameters(address: string, parameters: string): string {
  if (parameters === '') return address
  const [path = '', fragment] = address.split('#', 2)
  const joined = `${path}${path.includes('?') ? (/[?&]$/.test(path) ? '' : '&') : '?'}${parameters}`
  return fragment === undefined ? joined : `${joined}#${fragment}`
}
