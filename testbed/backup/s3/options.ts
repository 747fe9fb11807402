import { z } from 'zod'

/** What the process that serves objects is told, as JSON in its only argument. */
export const s3Options = z.object({
  port: z.number(),
  /** PEM files. */
  keyFile: z.string(),
  certificateFile: z.string(),
  /** One directory per bucket, of which the objects are files named by their keys. */
  directory: z.string(),
  /** Uploads that have not ended; on the file system of `directory`. */
  uploads: z.string(),
  keyId: z.string(),
  keySecret: z.string(),
  /** While this file exists, its text is the status of every answer: `503`. */
  refusalFile: z.string(),
})

export type S3Options = z.infer<typeof s3Options>
