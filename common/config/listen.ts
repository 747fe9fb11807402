import { z } from 'zod'
import type { Kind } from './kinds.ts'
import { loopbackListen } from './kinds.ts'

interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** Any `host:port` to listen on; port 0 lets the kernel choose. */
export const anyListen: Kind<HostAndPort> = {
  schema: z.string().transform((given, context) => {
    const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(given)
    const port = Number(match?.[2])
    if (match === null || port > 65_535) {
      context.addIssue('not an address and a port')
      return z.NEVER
    }
    return { host: match[1]!.replace(/^\[|\]$/g, ''), port }
  }),
  allowed: 'an address and port, such as 0.0.0.0:8432, 10.0.0.5:8432 or [::]:8432',
  placeholder: '<host:port>',
  print: (address) => loopbackListen.print(address),
}

/** What may be listened on without TLS: loopback, or the absolute path of a Unix socket. */
export const localListen: Kind<HostAndPort | { readonly path: string }> = {
  // 107 bytes is what the kernel takes (unix(7)).
  schema: z.union([
    z
      .string()
      .regex(/^\/[^\0]{1,106}$/)
      .transform((path) => ({ path })),
    loopbackListen.schema,
  ]),
  allowed:
    'a loopback address and port, such as 127.0.0.1:8432 or [::1]:8432, or the absolute path of a Unix socket (what others can reach is http.listen, with TLS)',
  placeholder: '<host:port|path>',
  print: (address) => ('path' in address ? address.path : loopbackListen.print(address)),
}
