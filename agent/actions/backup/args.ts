import { z } from 'zod'

export const clusterArgs = {
  cluster: z.string().max(128).optional().describe('which, where the host has policies of several'),
}

export const repositoryArgs = {
  ...clusterArgs,
  repository: z.int().min(1).max(256).optional().describe('its number; the first, or all, unless told'),
}

export const dayMs = 86_400_000
