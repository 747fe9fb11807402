import { z } from 'zod'
import type { Kind } from '../common/config/kinds.ts'

const largest = 2 ** 32 - 1

/** The tenant of a VictoriaMetrics cluster: `accountID` or `accountID:projectID`, each of 32 bits. */
export const tenant: Kind<string> = {
  schema: z
    // YAML reads an account id without quotes as a number.
    .union([z.string(), z.int().transform(String)])
    .refine(
      (value) =>
        /^\d{1,10}(:\d{1,10})?$/.test(value) && value.split(':').every((part) => Number(part) <= largest),
    ),
  allowed: 'an account id, or account and project id with a colon between, such as 0 or 12:3',
  placeholder: '<tenant>',
  print: (value) => value,
}
