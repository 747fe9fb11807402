import { bytes, integer, oneOf } from '../common/config/kinds.ts'
import { option } from '../common/config/option-table.ts'
import { defaultLabelLimits } from '../common/series/label-rules.ts'

/** What is taken in, and how it is called. */
export const ingestOptions = {
  'ingest.max_labels': option(
    integer({ min: 8, max: 1_000 }),
    'most labels of a series; one with more is refused',
    defaultLabelLimits.maxLabels,
  ),
  'ingest.max_label_bytes': option(
    bytes({ min: 256, max: 256 * 1024 }),
    'most bytes of the name or value of a label; a series with a longer one is refused',
    defaultLabelLimits.maxLabelBytes,
  ),
  'ingest.otlp_naming': option(
    oneOf(['prometheus', 'victoriametrics'] as const),
    'how metrics of OTLP are called: as Prometheus does by default, or as they are, as VictoriaMetrics does',
    'prometheus',
  ),
} as const
