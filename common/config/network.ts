import { isIP } from 'node:net'
import { z } from 'zod'
import type { Kind } from './kinds.ts'

/** An address, or a network as `<address>/<bits>`. */
export const network: Kind<string> = {
  schema: z.string().refine(isNetwork),
  allowed: 'an address such as 10.0.0.7, or a network such as 10.0.0.0/24',
  placeholder: '<address[/bits]>',
  print: (value) => value,
}

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = address.includes('%') ? 0 : isIP(address)
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128)
}
