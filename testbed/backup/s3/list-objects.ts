import type { Objects } from './objects.ts'
import { element, text } from './xml.ts'

/** As at AWS. */
const mostKeys = 1000

/** ListObjectsV2 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html). @returns its root element */
export function listObjects(objects: Objects, bucket: string, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const after = query.get('continuation-token') ?? ''
  // What a delimiter follows after the prefix is one common prefix, and counts once.
  const entries = new Set(
    objects.keys(prefix).map((key) => {
      const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
      return end < 0 ? key : key.slice(0, end + delimiter.length)
    }),
  )
  const wanted = [...entries].filter((entry) => entry > after)
  const page = wanted.slice(0, Math.min(Number(query.get('max-keys') ?? mostKeys), mostKeys))
  const isTruncated = page.length < wanted.length
  return element(
    'ListBucketResult',
    element('Name', text(bucket)),
    element('Prefix', text(prefix)),
    element('KeyCount', text(page.length)),
    element('IsTruncated', text(isTruncated)),
    isTruncated ? element('NextContinuationToken', text(page.at(-1) ?? '')) : '',
    ...page.map((entry) => {
      if (delimiter !== '' && entry.endsWith(delimiter)) {
        return element('CommonPrefixes', element('Prefix', text(entry)))
      }
      // It may have been removed since.
      const stats = objects.stat(entry)
      if (stats === undefined) return ''
      const modified = stats.mtime.toISOString()
      return element(
        'Contents',
        element('Key', text(entry)),
        element('LastModified', modified),
        element('Size', text(stats.size)),
      )
    }),
  )
}
