import { z } from 'zod'

/** What a change of settings would do to a server, as it is now. */
export const tunePlan = z.object({
  server: z.string(),
  /** By ALTER SYSTEM on the server alone, or in what Patroni keeps for all members. */
  by: z.enum(['alter-system', 'keeper']),
  settings: z.array(
    z.object({
      name: z.string(),
      /** As a person writes it, such as `128MB`; null where it is set nowhere, or nobody may know. */
      current: z.string().nullable(),
      /** Where that is set, such as `/etc/postgresql/17/main/postgresql.conf:128`; empty for a default. */
      where: z.string(),
      wanted: z.string(),
      needs: z.enum(['reload', 'restart']),
      /** `staged`: it is written, and waits for a restart. */
      state: z.enum(['as-wanted', 'staged', 'change']),
    }),
  ),
  /** Why nothing of it would be done, a sentence each. */
  refusals: z.array(z.string()),
  /** What else there is to know: that it was tried, in which order members take it, what shadows it. */
  notes: z.array(z.string()),
})
export type TunePlan = z.infer<typeof tunePlan>
