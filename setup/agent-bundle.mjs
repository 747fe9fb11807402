// Writes the agent as one file of plain JavaScript: node setup/agent-bundle.mjs. Does nothing when the file is fresh.
import { writeBundle } from './write-bundle.mjs'

await writeBundle('agent')
