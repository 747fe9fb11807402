import type { View } from './view.ts'

/** Everything that a server is asked for its history, one line each. */
export const views: readonly View[] = []
