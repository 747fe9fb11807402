import { z } from 'zod'

/** What the process that writes is told, as JSON in its only argument. */
export const writerOptions = z.object({
  host: z.string(),
  port: z.number(),
  user: z.string(),
  password: z.string(),
  table: z.string(),
  /** Connections that write at the same time. */
  clients: z.number(),
  /** Between the answer and the next commit of one connection. */
  pauseMs: z.number(),
  connectTimeoutMs: z.number(),
  commitTimeoutMs: z.number(),
  /** Gets a line per event: `A id sent acknowledged`, `D id sent` for a doubtful commit, `E message`. Times are Unix ms. */
  journal: z.string(),
})

export type WriterOptions = z.infer<typeof writerOptions>
