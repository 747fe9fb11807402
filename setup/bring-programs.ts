import { bringPrograms } from './programs.ts'

// `npm run programs`: what drills need on a machine on which `npm test` has not run yet.
for (const line of await bringPrograms({ servers: true })) console.log(`missing: ${line}`)
