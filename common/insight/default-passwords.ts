import { z } from 'zod'

/** A login or phrase that everybody may know, without it. */
export const defaultPassword = z.strictObject({
  /** What takes it, as in common/known-passwords. */
  service: z.string().min(1).max(64),
  /** host:port, or the path of a file; of the agent's own host. */
  address: z.string().min(1).max(512),
  /** Empty for a phrase. */
  user: z.string().max(128),
  /** The name of the list that it is on. */
  set: z.string().min(1).max(128),
  /** What is to be changed. */
  setting: z.string().min(1).max(256),
})
export type DefaultPassword = z.infer<typeof defaultPassword>

/** The body of a report with the topic `default-passwords`: what has changed since the look before. */
export const defaultPasswordsReport = z.strictObject({
  found: z.array(defaultPassword).max(1_000),
  gone: z.array(defaultPassword).max(1_000),
})
export type DefaultPasswordsReport = z.infer<typeof defaultPasswordsReport>
