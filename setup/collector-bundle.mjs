// Writes the collector as one file of plain JavaScript: node setup/collector-bundle.mjs. Does nothing when the file is fresh.
import { writeBundle } from './write-bundle.mjs'

await writeBundle('collector')
