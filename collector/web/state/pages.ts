/** What an address shows. `path` of `missing` is the address that shows nothing. */
export type Route =
  | { readonly page: 'fleet' | 'explore' | 'alerts' | 'commands' | 'backups' | 'tuning' }
  | { readonly page: 'cluster'; readonly cluster: string }
  | { readonly page: 'board'; readonly uid: string }
  | { readonly page: 'missing'; readonly path: string }

const plain = ['explore', 'alerts', 'commands', 'backups', 'tuning'] as const

/** Reads the part of an address that follows the page's base. collector/http/routes/web-page.ts answers the same ones. */
export function parsePath(path: string): Route {
  if (path === '/' || path === '/index.html') return { page: 'fleet' }
  const [, first = '', second, ...rest] = path.split('/')
  if (second === undefined) {
    const page = plain.find((name) => name === first)
    if (page !== undefined) return { page }
  } else if (second !== '' && rest.length === 0) {
    const name = decode(second)
    if (first === 'c' && name !== null) return { page: 'cluster', cluster: name }
    if (first === 'd' && name !== null) return { page: 'board', uid: name }
  }
  return { page: 'missing', path }
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}
