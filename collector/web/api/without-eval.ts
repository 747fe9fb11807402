import { z } from 'zod'

/**
 * Imported first: zod compiles its checks with `new Function` unless told not to, and merely trying to is a
 * violation of the page's Content-Security-Policy.
 */
z.config({ jitless: true })
