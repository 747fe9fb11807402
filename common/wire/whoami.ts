import { z } from 'zod'
import { tokenRole } from './tokens.ts'

/** GET /api/v1/whoami: whom the collector takes the sender of a request for. */
export const whoAmI = z.object({
  /** Of the token; null for those who need none. */
  name: z.string().nullable(),
  role: tokenRole,
})
export type WhoAmI = z.infer<typeof whoAmI>
export const whoAmIAnswer = z.object({ status: z.literal('success'), data: whoAmI })
