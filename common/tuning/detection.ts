import { z } from 'zod'

/** What an agent found of a server's machine, for a person: sections of facts, each with where it is from. */
export const detection = z.object({
  sections: z.array(
    z.object({
      title: z.string(),
      facts: z.array(z.object({ name: z.string(), value: z.string(), from: z.string() })),
    }),
  ),
  /** What is unusual about it, a sentence each. */
  notes: z.array(z.string()),
})
export type Detection = z.infer<typeof detection>
