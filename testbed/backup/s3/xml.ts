const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** An element with text, or with elements that are text already. */
export function element(name: string, ...content: readonly string[]): string {
  return `<${name}>${content.join('')}</${name}>`
}

export function text(value: string | number | boolean): string {
  return String(value).replaceAll(/[&<>"']/g, (character) => entities[character]!)
}

/** The text of all elements of a name, in documents without attributes, comments and CDATA, as clients of S3 send them. */
export function textsOf(name: string, document: string): readonly string[] {
  const plain = Object.entries(entities).toReversed()
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, found = '']) =>
    plain.reduce((value, [character, entity]) => value.replaceAll(entity, character), found),
  )
}

export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}`
}
