import { mounts } from './mounts.ts'

/** The longest comes first: /insert/0 begins /insert/0/prometheus too. */
const prefixes = [...new Set<string>(Object.values(mounts).flat())]
  .filter((prefix) => prefix !== '')
  .sort((a, b) => b.length - a.length)

/** A tenant's colon may come escaped. */
const escapedColon = /^(\/[a-z]+\/0)%3a/i

export interface SplitUrl {
  /** One of those of `mounts`. */
  readonly prefix: string
  /** What follows, from its slash on, with the parameters. */
  readonly rest: string
}

/**
 * Parts the target of a request from the prefix under which it came. Proxies send targets with a host (RFC 9112,
 * 3.2.2), which says nothing here.
 */
export function splitUrl(url: string): SplitUrl {
  const target = (url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '')).replace(
    escapedColon,
    '$1:',
  )
  const prefix = prefixes.find((known) => target.startsWith(known) && target[known.length] === '/') ?? ''
  return { prefix, rest: target.slice(prefix.length) }
}
