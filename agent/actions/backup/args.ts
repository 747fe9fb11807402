import { z } from 'zod'

export const clusterArgs = {
  cluster: z.string().max(128).optional().describe('which, where the host has policies of several'),
}

export const repositoryArgs = {
  ...clusterArgs,
  repository: z.int().min(1).max(256).optional().describe('its number; the first, or all, unless told'),
}

/** Where a restore is to end, in the words of recovery_target_*. */
export const targetArgs = {
  time: z.string().max(64).optional().describe("with a time zone, such as '2026-11-23 10:00:00+00'"),
  xid: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional()
    .describe('a transaction'),
  lsn: z
    .string()
    .regex(/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/)
    .optional()
    .describe('a position in the log'),
  name: z.string().min(1).max(63).optional().describe('a restore point, of pg_create_restore_point()'),
  immediate: z.boolean().optional().describe('the end of the backup, without any log behind it'),
  timeline: z
    .string()
    .regex(/^(latest|current|\d{1,10})$/)
    .optional()
    .describe('latest unless told'),
}

export const dayMs = 86_400_000
